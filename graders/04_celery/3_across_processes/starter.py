"""연습 04-3: 프로세스를 건너가면 무엇이 달라지는지 예측하세요.

POST /boxes를 한 번 보냈고 태스크가 끝났습니다. 실행하기 전에 PREDICTION의 None을 모두 바꾸세요.
다른 줄은 고치지 마세요. 채점기가 이 파일을 실제 워커로 실행해 예측과 견줍니다.

확인하기: uv run lab check 04-3
"""

import os

from celery import Celery
from fastapi import FastAPI

PREDICTION = {
    "size": None,  # TODO: 태스크가 받은 size의 타입입니다. "tuple", "list", "str" 가운데 고르세요.
    "key": None,  # TODO: 태스크가 받은 counts 키의 타입입니다. "int", "float", "str"에서 고르세요.
    "discount": None,  # TODO: 태스크가 본 settings["discount"]입니다. 수로 적으세요.
    "packed_in_worker": None,  # TODO: 태스크가 끝날 때 워커에서 packed의 길이입니다.
    "packed_in_web": None,  # TODO: 그때 웹에서 packed의 길이입니다.
}

REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
celery_app = Celery("boxes", broker=REDIS_URL, backend=REDIS_URL)
app = FastAPI()
settings = {"discount": 0}
packed: list[str] = []


@celery_app.task
def pack(size: tuple[int, int], counts: dict[int, int]) -> dict[str, object]:
    """상자를 싸고, 무엇을 보았는지 돌려줍니다."""
    packed.append("상자")
    return {
        "size": type(size).__name__,
        "key": type(next(iter(counts))).__name__,
        "discount": settings["discount"],
        "packed_in_worker": len(packed),
    }


@app.post("/boxes", status_code=202)
def create_box() -> dict[str, str]:
    """할인을 정하고 포장을 맡깁니다."""
    settings["discount"] = 10
    return {"task_id": pack.delay((30, 20), {1: 3}).id}


@app.get("/boxes/{task_id}")
def read_box(task_id: str) -> dict[str, object]:
    """태스크가 본 것과 웹이 본 것입니다. 태스크가 끝나기를 기다립니다."""
    seen = pack.AsyncResult(task_id).get(timeout=40)
    return {**seen, "packed_in_web": len(packed)}
