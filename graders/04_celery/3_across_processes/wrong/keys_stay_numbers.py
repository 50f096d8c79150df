"""딕셔너리의 키가 수로 남는다고 봅니다."""

import os

from celery import Celery
from fastapi import FastAPI

PREDICTION = {
    "size": "list",
    "key": "int",
    "discount": 0,
    "packed_in_worker": 1,
    "packed_in_web": 0,
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
