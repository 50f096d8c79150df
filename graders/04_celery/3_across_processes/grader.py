"""답의 파일을 실제 워커로 한 번 실행하고, 거기에서 본 것을 예측과 견줍니다."""

from typing import Any

from lab.checking import Answer, Short

WHY = {
    "size": "인자는 브로커에 JSON으로 적힙니다. JSON에 있는 타입과 없는 타입을 생각해 보세요.",
    "key": "JSON의 객체(파이썬의 딕셔너리)에서 키로 쓸 수 있는 타입은 하나뿐입니다.",
    "discount": "settings를 바꾼 것은 웹입니다. 워커의 settings를 바꾸는 줄이 있습니까?",
    "packed_in_worker": "워커도 이 파일을 읽었습니다. 태스크는 워커의 packed에 더했습니다.",
    "packed_in_web": "packed에 더한 것은 워커입니다. 웹의 packed에 더하는 줄이 있습니까?",
}
LOOK = "값을 보려면 끝의 return 앞에 print를 넣어 실행해 보거나, 예측을 바꾸어 다시 확인하세요."


def grade(answer: Answer) -> None:
    prediction = read_prediction(answer)
    with answer.redis(), answer.celery_worker(), answer.web() as web:
        task_id = web.post("/boxes").json()["task_id"]
        seen: dict[str, Any] = web.get(f"/boxes/{task_id}", timeout=45).json()
    for key, value in prediction.items():
        if value != seen.get(key):
            raise Short(
                seen=f"{key!r}의 예측({value!r})이 실행한 결과와 다릅니다.",
                why=WHY[key],
                look=LOOK,
            )


def read_prediction(answer: Answer) -> dict[str, object]:
    """빠짐없이 채운 예측입니다."""
    written = answer.value("PREDICTION")
    prediction = written if isinstance(written, dict) else {}
    empty = [key for key in WHY if prediction.get(key) is None]
    if empty:
        raise Short(
            seen=f"예측하지 않은 것이 {len(empty)}개 있습니다: {', '.join(empty)}",
            why="먼저 예측해야, 실행이 예측과 다를 때 무엇을 잘못 알고 있었는지 보입니다.",
            look="PREDICTION에서 None인 줄을 채우세요.",
        )
    return {key: prediction[key] for key in WHY}
