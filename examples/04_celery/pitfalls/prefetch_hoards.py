"""함정: 워커가 미리 가져간 메시지는 느린 태스크 뒤에서 기다립니다.

증상: 한 워커는 쉬고 있는데, 빠른 태스크 몇 개가 느린 태스크가 끝난 뒤에야 시작됩니다.

web: uvicorn prefetch_hoards:app
worker_broken_1: celery -A prefetch_hoards:celery_app worker --loglevel INFO --concurrency 1 -Q broken --hostname broken_1@%h
worker_broken_2: celery -A prefetch_hoards:celery_app worker --loglevel INFO --concurrency 1 -Q broken --hostname broken_2@%h
worker_fixed_1: celery -A prefetch_hoards:celery_app worker --loglevel INFO --concurrency 1 -Q fixed --hostname fixed_1@%h --prefetch-multiplier 1
worker_fixed_2: celery -A prefetch_hoards:celery_app worker --loglevel INFO --concurrency 1 -Q fixed --hostname fixed_2@%h --prefetch-multiplier 1
"""  # noqa: E501

import os
import time
from typing import Any

import redis
from celery import Celery, Task
from fastapi import FastAPI

REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
SLOW_SECONDS = float(os.environ.get("SLOW_SECONDS", "5"))
celery_app = Celery("prefetch_hoards", broker=REDIS_URL)
database = redis.Redis.from_url(REDIS_URL, decode_responses=True)
app = FastAPI()


@celery_app.task(bind=True)
def work_broken(self: Task[..., Any], name: str, seconds: float) -> None:
    time.sleep(seconds)
    database.rpush("done:broken", f"{self.request.hostname}: {name}")


@celery_app.task(bind=True, acks_late=True)
def work_fixed(self: Task[..., Any], name: str, seconds: float) -> None:
    time.sleep(seconds)
    database.rpush("done:fixed", f"{self.request.hostname}: {name}")


@app.post("/broken")
def broken() -> dict[str, str]:
    database.delete("done:broken")
    work_broken.apply_async(("느린 태스크", SLOW_SECONDS), queue="broken")
    for number in range(1, 9):
        work_broken.apply_async((f"빠른 태스크 {number}", 0), queue="broken")
    return {"message": "태스크 9개를 보냈습니다"}


@app.post("/fixed")
def fixed() -> dict[str, str]:
    database.delete("done:fixed")
    work_fixed.apply_async(("느린 태스크", SLOW_SECONDS), queue="fixed")
    for number in range(1, 9):
        work_fixed.apply_async((f"빠른 태스크 {number}", 0), queue="fixed")
    return {"message": "태스크 9개를 보냈습니다"}


@app.get("/done")
def list_done() -> dict[str, list[Any]]:
    return {name: database.lrange(f"done:{name}", 0, -1) for name in ("broken", "fixed")}
