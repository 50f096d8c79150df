"""시작과 끝의 차례를 보고, 한 채널을 실패하게 한 다음 나머지와 로그를 봅니다."""

from lab.checking import Answer, Short, Web, happens, wait_until
from lab.checking.explaining import last_error

CHANNELS = ["메일", "문자", "푸시"]
REASON = "문자 서버가 응답하지 않습니다"
ANSWERED = '"POST /users/lee'
"""uvicorn이 응답을 보내며 남기는 로그입니다."""


def grade(answer: Answer) -> None:
    with answer.web() as web:
        check_the_order(events_of(web, "/users/kim", "기록: kim"))
        done = len(web.get("/events").json())
        before = len(web.output)
        events = events_of(web, "/users/lee?down=문자", "기록: lee")[done:]
        check_the_failure(web, events, before)


def events_of(web: Web, path: str, log: str) -> list[str]:
    """요청을 보내고, 기록이 남을 때까지 기다린 다음 그때까지 일어난 일을 돌려줍니다."""
    status = web.post(path).status_code
    if status != 200:
        raise Short(
            seen=f"POST {path}의 상태 코드가 {status}입니다.",
            why="알림의 실패가 응답을 바꾸었습니다. 알림은 응답이 나간 다음의 일입니다.",
            look="create_user의 본문이 알림을 기다리는지 보세요.",
        )
    escaped = wait_until(
        lambda: log in web.get("/events").json() or web.escaped(),
        1.6,
        Short(
            seen=f"POST {path}의 응답이 오고 1.6초가 지나도 기록이 남지 않았습니다.",
            why="등록한 태스크가 없거나, 알림 태스크가 끝나지 않아 차례가 오지 않았습니다.",
            look="create_user가 태스크를 몇 개 등록하는지 보세요.",
        ),
    )
    events: list[str] = web.get("/events").json()
    if escaped and log not in events and "down=" not in path:
        raise Short(
            seen=f"POST {path}에는 실패하는 채널이 없는데도 예외가 나왔습니다. "
            f"{last_error(web.output)}",
            why="태스크를 시작하거나 알림을 부르는 줄이 틀렸습니다. 기록도 남지 않았습니다.",
            look="add_task에는 부른 결과가 아니라 함수를 넘깁니다. 넘긴 인자의 수도 견주세요.",
        )
    if escaped and log not in events:
        raise Short(
            seen=f"POST {path}에서 기록이 남지 않고, 서버의 로그에 예외가 나왔습니다.",
            why="알림 하나의 예외가 notify_all 밖으로 나와 다음 태스크를 막았습니다.",
            look="asyncio.gather에 예외를 값으로 돌려받는 인자가 있습니다. 02장의 함정을 보세요.",
        )
    return events


def check_the_order(events: list[str]) -> None:
    """셋이 함께 시작하고, 셋이 끝난 다음에 기록이 남아야 합니다."""
    shown = ", ".join(events)
    before_log = events[: events.index("기록: kim")]
    ended = [each for each in before_log if each.endswith("끝")]
    if len(ended) < len(CHANNELS):
        raise Short(
            seen=f"기록이 남을 때까지 끝난 알림이 {len(ended)}개입니다. 일어난 차례: {shown}",
            why="기록은 알림 셋이 모두 끝난 다음에 남아야 합니다.",
            look="notify_all이 알림을 시작만 하고 돌아오는지, 등록한 차례가 맞는지 보세요.",
        )
    together = before_log[: len(CHANNELS)]
    if any(each.endswith("끝") for each in together):
        raise Short(
            seen=f"알림 하나가 끝난 다음에 다른 것이 시작했습니다. 일어난 차례: {shown}",
            why="태스크는 하나씩 실행되고, await도 하나씩 쓰면 하나씩 기다립니다.",
            look="나란히 할 일은 태스크 하나로 묶고, 그 안에서 함께 시작하세요.",
        )


def check_the_failure(web: Web, events: list[str], before: int) -> None:
    """한 채널이 실패해도 나머지는 끝까지 가고, 실패는 로그에 남아야 합니다."""
    lost = [channel for channel in ("메일", "푸시") if f"{channel} 끝" not in events]
    if lost:
        raise Short(
            seen=f"문자가 실패하자 {', '.join(lost)}도 끝까지 가지 못했습니다.",
            why="한 채널의 실패가 나머지를 취소하거나, 나머지가 끝나기 전에 기록이 남았습니다.",
            look="예외를 알림 하나하나에서 받으세요.",
        )
    wait_until(
        lambda: REASON in web.output[before:],
        1,
        Short(
            seen="문자가 실패했는데 서버의 로그에 그 까닭이 없습니다.",
            why="예외를 값으로 돌려받으면, 꺼내 보지 않는 한 조용히 사라집니다.",
            look="gather가 돌려준 목록을 채널과 짝지어 보세요.",
        ),
    )
    happens(lambda: ANSWERED in web.output[before:], 1)
    answered, _, _ = web.output[before:].partition(ANSWERED)
    if REASON in answered:
        raise Short(
            seen="문자의 실패가 응답보다 먼저 서버의 로그에 남았습니다.",
            why="요청 안에서 알림을 기다렸습니다. 사용자도 알림 셋이 끝나기를 기다렸습니다.",
            look="create_user의 본문에 await가 있는지 보세요. 부르지 말고 등록해야 합니다.",
        )
