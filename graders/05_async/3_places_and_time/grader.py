"""답하지 않는 메일 여섯 통 뒤에 멀쩡한 메일을 보내고, 함께 실행된 수와 걸린 시간을 봅니다."""

from typing import Any

from lab.checking import Answer, Short, Web, happens, wait_until
from lab.checking.explaining import last_error

PLACES = 3
MAIL_SECONDS = 0.5
SLOW = [f"slow{number}@example.com" for number in range(2 * PLACES)]
FAST = "kim@example.com"


def grade(answer: Answer) -> None:
    with answer.web(MAIL_SECONDS=str(MAIL_SECONDS)) as web:
        for email in [*SLOW, FAST]:
            web.post(f"/emails/{email}")
        check_the_places(web)
        check_the_end(web)
        check_the_time(web)
        check_the_log(web)


def state_of(web: Web) -> Any:
    """GET /state의 답입니다."""
    return web.get("/state").json()


def check_the_places(web: Web) -> None:
    """한 번에 정한 수만큼만, 그러나 그만큼은 함께 실행됩니다."""
    happens(lambda: state_of(web)["most"] >= PLACES, 0.8)
    most = state_of(web)["most"]
    if not most and web.escaped():
        raise Short(
            seen=f"send_email이 deliver에 닿기 전에 예외로 끝났습니다. {last_error(web.output)}",
            why="자리를 얻지 못하면 메일은 한 통도 나가지 않습니다.",
            look="세마포어는 with가 아니라 async with로 얻습니다. 오류에 적힌 줄부터 보세요.",
        )
    if most > PLACES:
        raise Short(
            seen=f"메일 {len(SLOW) + 1}통을 보냈더니 deliver가 한 번에 {most}개 실행되었습니다.",
            why=f"자리는 {PLACES}개이고, 모든 태스크가 같은 자리를 나누어 써야 합니다.",
            look="세마포어가 있으면 몇 개인지 세어 보세요. 함수 안의 줄은 부를 때마다 실행됩니다.",
        )
    if most < PLACES:
        raise Short(
            seen=f"기다리는 메일이 있는데도 deliver는 한 번에 {most}개뿐입니다.",
            why=f"자리가 {PLACES}개이므로 {PLACES}개까지는 함께 실행되어야 합니다.",
            look="잠금은 자리가 하나입니다. 자리의 수를 정하는 것은 따로 있습니다.",
        )


def check_the_end(web: Web) -> None:
    """느린 메일을 포기하고 나면, 뒤의 메일이 끝나고 모든 요청의 기록이 남습니다."""

    everyone = {*SLOW, FAST}
    happens(lambda: web.escaped() or everyone == {*state_of(web)["log"]}, 4 * MAIL_SECONDS)
    log = state_of(web)["log"]
    if web.escaped():
        raise Short(
            seen="slow 메일의 태스크가 TimeoutError로 끝났습니다. 같은 요청의 기록도 없습니다.",
            why="태스크 밖으로 나온 예외는 그 요청의 다음 태스크를 막습니다.",
            look="시간 초과를 send_email 안에서 받으세요.",
        )
    if not log:
        raise Short(
            seen=f"한도({MAIL_SECONDS}초)의 네 배를 기다려도 끝난 메일이 없습니다.",
            why="답하지 않는 메일이 자리를 붙잡고 놓지 않아, 뒤의 메일이 모두 기다립니다.",
            look="자리를 얻은 다음에 걸리는 시간에 MAIL_SECONDS만큼 한도를 두세요.",
        )
    if everyone != {*log}:
        raise Short(
            seen=f"요청 {len(everyone)}건 가운데 기록이 남은 것은 {len(log)}건뿐입니다.",
            why="느린 메일을 포기하면 그 자리로 나머지가 들어와 모두 끝나야 합니다.",
            look="포기하면서 자리를 내놓는지 보세요. async with는 어떻게 끝나든 내놓습니다.",
        )


def check_the_time(web: Web) -> None:
    """느린 메일은 저마다 한도만큼 실행되고, 멀쩡한 메일은 나가야 합니다."""
    spent = state_of(web)["spent"]
    short = [email for email in SLOW if 0 < spent.get(email, 0) < 0.8 * MAIL_SECONDS]
    if len(short) == len(SLOW):
        raise Short(
            seen="답하지 않는 메일이 모두 "
            f"{max(spent[email] for email in SLOW):.2f}초 만에 끊겼습니다.",
            why=f"자리를 얻은 메일에는 한도({MAIL_SECONDS}초)를 다 주어야 합니다.",
            look="한도에 MAIL_SECONDS를 그대로 쓰는지 보세요.",
        )
    cut = [email for email in SLOW if spent.get(email, 0) < 0.8 * MAIL_SECONDS]
    cut += [] if FAST in spent else [FAST]
    if cut:
        raise Short(
            seen=f"한도({MAIL_SECONDS}초)를 다 쓰지 못하고 끊긴 메일이 {len(cut)}통입니다.",
            why="자리를 기다린 시간까지 세었거나, 자리가 없다고 곧바로 포기했습니다.",
            look="자리가 날 때까지 기다리고, 자리를 얻은 다음에 재기 시작하는지 보세요.",
        )


def check_the_log(web: Web) -> None:
    """포기한 주소가 서버의 로그에 남아야 합니다."""

    def unreported() -> list[str]:
        lines = [line for line in web.lines if '"POST /emails/' not in line]
        return [email for email in SLOW if not any(email in line for line in lines)]

    wait_until(
        lambda: not unreported(),
        1,
        Short(
            seen="포기한 메일의 주소가 서버의 로그에 없습니다.",
            why="보내지 못한 메일을 나중에 다시 보내려면 누구의 것인지 알아야 합니다.",
            look="시간 초과를 받은 자리에서 주소를 남기세요.",
        ),
    )
