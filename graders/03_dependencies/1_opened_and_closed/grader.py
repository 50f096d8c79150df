"""예측한 두 차례를, 지금 실행해서 본 차례에 견줍니다."""

from lab.checking import Answer, Short, Web, wait_until

NAMES = {"열기", "닫기", "응답", "태스크"}
DIAGRAM = "03장의 '무슨 일이 일어나는가'에 있는 그림과 표를 보세요."


def grade(answer: Answer) -> None:
    predictions = {
        path: as_order(name, answer.value(name))
        for path, name in (("/default", "PREDICTED_DEFAULT"), ("/function", "PREDICTED_FUNCTION"))
    }
    with answer.web() as web:
        for path, predicted in predictions.items():
            happened = order_of(web, path)
            if predicted != happened:
                raise explain(path, predicted, happened)


def as_order(name: str, value: object) -> list[str]:
    """넷을 한 번씩 적은 차례입니다."""
    order = [str(each).strip() for each in value] if isinstance(value, list | tuple) else []
    if set(order) != NAMES or len(order) != len(NAMES):
        raise Short(
            seen=f"{name}에 적힌 것은 {value!r}입니다.",
            why="열기, 닫기, 응답, 태스크를 한 번씩, 모두 적어야 견줄 수 있습니다.",
            look=f'{name} = ["태스크", "응답", "닫기", "열기"]처럼 적으세요.',
        )
    return order


def order_of(web: Web, path: str) -> list[str]:
    """요청 하나를 보내고, 넷이 모두 일어날 때까지 기다려 차례를 돌려줍니다."""
    before = len(web.get("/events").json())
    web.post(path)

    def events() -> list[str]:
        happened: list[str] = web.get("/events").json()[before:]
        return happened if len(happened) >= len(NAMES) else []

    changed = Short(
        seen=f"POST {path}를 보냈지만 넷이 모두 적히지 않았습니다.",
        why="예측할 것은 처음의 코드가 하는 일입니다.",
        look="PREDICTED_… 두 줄 밖의 코드를 고쳤다면 되돌리세요.",
    )
    return wait_until(events, 2, changed)


def explain(path: str, predicted: list[str], happened: list[str]) -> Short:
    """예측이 어디에서 다른지 말합니다. 맞는 차례를 그대로 말하지는 않습니다."""
    place = {name: predicted.index(name) for name in NAMES}
    real = {name: happened.index(name) for name in NAMES}
    seen = f"POST {path}의 예측이 실제와 다릅니다. 예측: {', '.join(predicted)}"
    if place["열기"] != 0:
        return Short(
            seen=seen,
            why="경로 처리 함수는 의존성의 값을 받아야 실행됩니다. 여는 일이 맨 처음입니다.",
            look=DIAGRAM,
        )
    if (place["태스크"] < place["응답"]) != (real["태스크"] < real["응답"]):
        return Short(
            seen=seen,
            why="태스크와 응답의 차례는 scope와 상관이 없습니다. 01장에서 본 그대로입니다.",
            look="응답이 태스크를 기다립니까?",
        )
    if (place["닫기"] < place["응답"]) != (real["닫기"] < real["응답"]):
        side = "앞" if place["닫기"] < place["응답"] else "뒤"
        return Short(
            seen=seen,
            why=f"닫기를 응답의 {side}에 두었지만, 실행해 보니 반대쪽이었습니다.",
            look="scope는 함수가 끝날 때와 요청이 끝날 때 가운데 언제 닫을지를 정합니다.",
        )
    return Short(
        seen=seen,
        why="닫기를 응답의 어느 쪽에 둘지는 맞혔지만, 태스크와의 차례가 다릅니다.",
        look=f"요청은 태스크까지 끝나야 끝납니다. {DIAGRAM}",
    )
