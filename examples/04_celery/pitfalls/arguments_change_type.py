"""함정: 태스크의 인자는 JSON을 거치면서 타입이 바뀝니다.

증상: 상태는 SUCCESS인데 수량은 0개, 소형은 False입니다. /broken/set은 500으로 끝납니다.

web: uvicorn arguments_change_type:app
worker: celery -A arguments_change_type:celery_app worker --loglevel INFO --concurrency 1
"""

import os

from celery import Celery
from celery.result import AsyncResult
from fastapi import FastAPI
from pydantic import BaseModel

REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
celery_app = Celery("arguments_change_type", broker=REDIS_URL, backend=REDIS_URL)
app = FastAPI()
sent: dict[str, AsyncResult[str]] = {}


class Order(BaseModel):
    size: tuple[int, int]
    quantities: dict[int, int]


ORDER = Order(size=(30, 20), quantities={1: 3})


@celery_app.task
def pack_broken(size: tuple[int, int], quantities: dict[int, int]) -> str:
    return f"1번 상품 {quantities.get(1, 0)}개, 소형: {size == (30, 20)} ← {size}, {quantities}"


@celery_app.task
def pack_fixed(payload: dict[str, object]) -> str:
    order = Order.model_validate(payload)
    return f"1번 상품 {order.quantities.get(1, 0)}개, 소형: {order.size == (30, 20)} ← {order}"


@app.post("/broken")
def broken() -> dict[str, str]:
    sent["broken"] = pack_broken.delay(ORDER.size, ORDER.quantities)
    return {"message": "포장을 시작했습니다"}


@app.post("/broken/set")
def broken_set() -> None:
    pack_broken.delay(ORDER.size, set(ORDER.quantities))


@app.post("/fixed")
def fixed() -> dict[str, str]:
    sent["fixed"] = pack_fixed.delay(ORDER.model_dump(mode="json"))
    return {"message": "포장을 시작했습니다"}


@app.get("/done")
def list_done() -> dict[str, str]:
    return {name: f"{task.status}: {task.result}" for name, task in sent.items()}
