"""예측을, 지금 실행해서 본 상태 코드와 차례에 견줍니다."""

from lab.checking import Answer, Short

FAILURE = "ConnectionError: 결제 서버가 응답하지 않습니다"
TIMELINE = "02장의 '무슨 일이 일어나는가'에서 막대의 차례를 보세요."


def grade(answer: Answer) -> None:
    status = as_number(answer.value("PREDICTED_STATUS"))
    predicted = as_list(answer.value("PREDICTED_EVENTS"))
    with answer.web() as web:
        response = web.post("/orders")
        changed = Short(
            seen="결제 태스크의 예외가 서버의 로그에 나오지 않습니다.",
            why="예측할 것은 처음의 코드가 하는 일입니다.",
            look="PREDICTED_… 두 줄 밖의 코드를 고쳤다면 되돌리세요.",
        )
        web.wait_output(FAILURE, 5, changed)
        events: list[str] = web.get("/events").json()
    if status != response.status_code:
        raise Short(
            seen=f"예측한 상태 코드는 {status}입니다. 실제로 온 것은 다릅니다.",
            why="상태 코드는 응답과 함께 나갑니다. 태스크는 그때 아직 시작하지 않았습니다.",
            look="결제의 예외가 응답보다 먼저입니까, 나중입니까?",
        )
    if predicted != events:
        raise explain(predicted, events)


def as_number(value: object) -> int:
    """숫자로 적은 상태 코드입니다."""
    if not isinstance(value, int):
        raise Short(
            seen=f"PREDICTED_STATUS에 적은 것이 숫자가 아닙니다: {value!r}",
            why="상태 코드는 세 자리 숫자입니다. 글로 적으면 같은 숫자여도 견줄 수 없습니다.",
            look="PREDICTED_STATUS에 따옴표 없이 숫자만 적으세요.",
        )
    return value


def as_list(value: object) -> list[str]:
    """목록으로 적은 예측입니다."""
    if not isinstance(value, list | tuple):
        raise Short(
            seen=f"PREDICTED_EVENTS에 적힌 {value!r}은 목록이 아닙니다.",
            why="GET /events는 일어난 일을 목록으로 답합니다.",
            look='PREDICTED_EVENTS = ["문자 시작", "기록 끝"]처럼 적으세요.',
        )
    return [str(each).strip() for each in value]


def explain(predicted: list[str], events: list[str]) -> Short:
    """예측이 어떻게 다른지 말합니다. 맞는 목록을 그대로 말하지는 않습니다."""
    names = ("기록", "메일", "문자", "결제")
    known = {f"{name} {when}" for name in names for when in ("시작", "끝")}
    strange = [each for each in predicted if each not in known]
    if strange:
        return Short(
            seen=f"예측에 코드가 적지 않는 글이 있습니다: {', '.join(strange)}",
            why="events에 적히는 글과 띄어쓰기까지 같아야 견줄 수 있습니다.",
            look="코드의 events.append 줄에서 글을 가져오세요.",
        )
    extra = [each for each in predicted if each not in events]
    if extra:
        return Short(
            seen=f"실행해 보니 예측한 것 가운데 일어나지 않은 것이 있습니다: {', '.join(extra)}",
            why="예외를 낸 태스크는 그 줄에서 멈추고, 등록된 태스크의 반복문도 거기에서 끝납니다.",
            look="등록한 네 줄에서 예외를 내는 것이 몇 번째인지 보세요.",
        )
    twice = sorted({each for each in predicted if predicted.count(each) > 1})
    if twice:
        return Short(
            seen=f"예측에 두 번 적은 것이 있습니다: {', '.join(twice)}",
            why="태스크는 저마다 한 번씩 실행됩니다. 예외가 나도 다시 실행하지 않습니다.",
            look="같은 글이 있는 자리를 찾아 하나만 남기세요.",
        )
    missing = [each for each in events if each not in predicted]
    if missing:
        return Short(
            seen=f"실제로는 {len(events)}가지가 적혔는데, 예측은 {len(predicted)}가지입니다.",
            why="앞의 태스크가 끝나면 다음 태스크가 시작합니다. 예외를 내는 줄까지는 실행됩니다.",
            look="예측에서 빠진 글이 어느 함수의 몇 번째 줄인지 찾으세요.",
        )
    first = predicted[0].split()[0]
    if len(predicted) > 1 and predicted[1].split()[0] != first:
        return Short(
            seen=f"예측에서는 '{first} 끝'보다 '{predicted[1]}'이 먼저입니다. 실행에서는 아닙니다.",
            why="한 요청의 태스크는 함께 시작하지 않습니다. 하나가 끝나야 다음 것이 시작합니다.",
            look=TIMELINE,
        )
    pairs = enumerate(zip(predicted, events, strict=False), 1)
    place = next((place for place, (mine, real) in pairs if mine != real), len(events))
    return Short(
        seen=f"예측의 {place}번째부터 실제와 다릅니다. 적은 것은 {predicted[place - 1]!r}입니다.",
        why="실행하는 차례는 함수를 적은 차례가 아닙니다.",
        look="add_task를 부르는 네 줄의 차례를 보세요.",
    )
