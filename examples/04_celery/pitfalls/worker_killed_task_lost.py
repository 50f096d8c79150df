"""함정: 태스크를 실행하던 프로세스가 죽으면 그 태스크는 다시 실행되지 않습니다.

증상: 워커 로그에 나온 kill 명령을 실행하면 5초 안에 상태가 FAILURE로 바뀌고 결제는 되지 않습니다.

web: uvicorn worker_killed_task_lost:app
worker: celery -A worker_killed_task_lost:celery_app worker --loglevel INFO --concurrency 1
"""

import logging
import os
import time
from typing import Any

import redis
from celery import Celery, Task
from celery.result import AsyncResult
from fastapi import FastAPI

REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
WORK_SECONDS = float(os.environ.get("WORK_SECONDS", "8"))
celery_app = Celery("worker_killed_task_lost", broker=REDIS_URL, backend=REDIS_URL)
database = redis.Redis.from_url(REDIS_URL, decode_responses=True)
app = FastAPI()
sent: dict[str, AsyncResult[None]] = {}


def charge(order_id: str) -> None:
    database.hincrby(order_id, "runs")
    logging.warning("결제를 시작했습니다. 끝나기 전에 죽이세요: kill -9 %d", os.getpid())
    time.sleep(WORK_SECONDS)
    database.hsetnx(order_id, "charged", 10_000)  # 두 번 실행되어도 결제는 한 번입니다.


@celery_app.task(bind=True)
def charge_broken(self: Task[..., Any]) -> None:
    charge(str(self.request.id))


@celery_app.task(bind=True, acks_late=True, reject_on_worker_lost=True)
def charge_fixed(self: Task[..., Any]) -> None:
    charge(str(self.request.id))


@app.post("/broken")
def broken() -> dict[str, str]:
    sent["broken"] = charge_broken.delay()
    return {"message": "주문을 받았습니다"}


@app.post("/fixed")
def fixed() -> dict[str, str]:
    sent["fixed"] = charge_fixed.delay()
    return {"message": "주문을 받았습니다"}


@app.get("/done")
def list_done() -> dict[str, object]:
    return {
        name: {"status": task.status, **database.hgetall(task.id)} for name, task in sent.items()
    }
