"""함정: 실패한 태스크의 result는 예외 객체이므로 그대로 돌려주면 이유가 사라집니다.

증상: 태스크는 실패했는데 응답은 200이고 result는 빈 객체 {}입니다.

web: uvicorn failed_result_as_empty:app
worker: celery -A failed_result_as_empty:celery_app worker --loglevel INFO --concurrency 1
"""

import os
from typing import Any

from celery import Celery
from fastapi import FastAPI
from pydantic import BaseModel

REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
celery_app = Celery("shop", broker=REDIS_URL, backend=REDIS_URL)


@celery_app.task
def ship(quantity: int) -> str:
    """수량만큼 발송합니다. 1보다 작으면 ValueError가 발생합니다."""
    if quantity < 1:
        raise ValueError(f"수량이 1보다 작습니다: {quantity}")
    return f"{quantity}개를 발송했습니다"


app = FastAPI()


class TaskError(BaseModel):
    type: str
    message: str


class TaskStatus(BaseModel):
    status: str
    result: str | None = None
    error: TaskError | None = None


@app.post("/ship")
def start_shipping(quantity: int = 0) -> dict[str, str]:
    return {"task_id": ship.delay(quantity).id}


@app.get("/broken", response_model=None)  # 반환 타입을 검사하게 하면 200 대신 500이 됩니다.
def broken(task_id: str) -> dict[str, Any]:
    task = ship.AsyncResult(task_id)
    return {"status": task.status, "result": task.result}


@app.get("/fixed")
def fixed(task_id: str) -> TaskStatus:
    meta = celery_app.backend.get_task_meta(task_id)
    if isinstance(meta["result"], BaseException):
        error = TaskError(type=type(meta["result"]).__name__, message=str(meta["result"]))
        return TaskStatus(status=meta["status"], error=error)
    return TaskStatus(status=meta["status"], result=meta["result"])
