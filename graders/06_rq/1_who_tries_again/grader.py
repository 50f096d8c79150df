"""셋을 보내고 스케줄러가 없는 실제 워커로 큐를 비운 다음, 예측과 견줍니다."""

from typing import Any

import httpx

from lab.checking import Answer, Short

# 태스크마다 자식을 만들지 않아, 답의 파일을 한 번만 임포트합니다. 재시도는 같습니다.
BURST = ("--burst", "--worker-class", "rq.SimpleWorker")
STATUSES = ("queued", "scheduled", "finished", "failed")
NAMES = ("never", "at_once", "later")
WHY = {
    "never": "retry가 없는 태스크를 RQ가 어떻게 하는지 생각해 보세요.",
    "at_once": "Retry(max=2)의 max는 다시 하는 횟수입니다. 간격이 없으면 큐로 바로 돌아갑니다.",
    "later": "간격을 둔 재시도는 큐가 아니라 예약 목록에 들어갑니다. 누가 거기에서 꺼냅니까?",
}


def grade(answer: Answer) -> None:
    prediction = read_prediction(answer)
    with answer.redis(), answer.web() as web:
        for name in NAMES:
            check_untouched(name, web.post(f"/charges/{name}"))
        with answer.rq_worker(*BURST) as worker:
            worker.wait(40)
        seen = {name: web.get(f"/charges/{name}").json() for name in NAMES}
    for name, (runs, status) in prediction.items():
        compare(name, "실행 횟수", runs, seen[name].get("runs"))
        compare(name, "상태", status, seen[name].get("status"))


def check_untouched(name: str, response: httpx.Response) -> None:
    if response.status_code != 202:
        raise Short(
            seen=f"POST /charges/{name}의 응답이 {response.status_code}입니다.",
            why="예측만 바꾸면 202로 답합니다.",
            look="PREDICTION 아래의 줄을 고쳤다면 되돌리세요.",
        )


def compare(name: str, what: str, predicted: object, seen: object) -> None:
    if predicted != seen:
        raise Short(
            seen=f"{name!r}의 {what} 예측({predicted!r})이 실행한 결과와 다릅니다.",
            why=WHY[name],
            look="06장의 그림에서 실패한 태스크가 나가는 화살표를 따라가고, 처음 한 번도 세세요.",
        )


def read_prediction(answer: Answer) -> dict[str, tuple[Any, Any]]:
    """빠짐없이 채운 예측입니다."""
    written = answer.value("PREDICTION")
    prediction = written if isinstance(written, dict) else {}
    pairs = {name: prediction.get(name) for name in NAMES}
    empty = [name for name, pair in pairs.items() if pair is None]
    if empty:
        raise Short(
            seen=f"예측하지 않은 것이 {len(empty)}개 있습니다: {', '.join(empty)}",
            why="먼저 예측해야, 실행이 예측과 다를 때 무엇을 잘못 알고 있었는지 보입니다.",
            look="PREDICTION에서 None인 줄을 채우세요.",
        )
    wrong = [
        name for name, pair in pairs.items() if not (isinstance(pair, tuple) and len(pair) == 2)
    ]
    if wrong:
        raise Short(
            seen=f"{wrong[0]!r}에 적은 것이 (횟수, 상태)가 아닙니다: {pairs[wrong[0]]!r}",
            why="횟수와 상태를 괄호로 묶어 적어야 견줄 수 있습니다.",
            look='예: "never": (2, "finished")',
        )
    found = {name: pair for name, pair in pairs.items() if isinstance(pair, tuple)}
    for name, (runs, status) in found.items():
        if type(runs) is not int:
            raise Short(
                seen=f"{name!r}의 실행 횟수를 {runs!r}(으)로 적었습니다. 숫자로 적으세요.",
                why="따옴표로 묶은 것은 글이어서, 실행한 횟수와 견줄 수 없습니다.",
                look='횟수에는 따옴표가 없고, 상태에만 있습니다. 예: (2, "finished")',
            )
        if status not in STATUSES:
            raise Short(
                seen=f"{name!r}의 상태를 {status!r}(으)로 적었습니다.",
                why=f"상태는 {', '.join(STATUSES)} 가운데 하나여야 견줄 수 있습니다.",
                look="철자와 따옴표를 보세요.",
            )
    return found
