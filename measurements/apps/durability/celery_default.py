"""주소만 주고 나머지는 모두 기본값인 Celery."""

import os

import effects
from celery import Celery
from fastapi import FastAPI

REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")

app = FastAPI()
celery_app = Celery("celery_default", broker=REDIS_URL, backend=REDIS_URL)


work = celery_app.task(effects.work)


@app.post("/work/{number}")
def submit(number: int) -> dict[str, str]:
    task = work.delay(number)
    return {"task_id": task.id, "message": "데이터 처리가 시작되었습니다"}
