"""함정: 확인 응답이 제한 시간보다 늦으면 워커가 끝나고 태스크는 또 실행됩니다.

증상: 워커가 PRECONDITION_FAILED 오류를 남기고 종료 코드 1로 끝납니다. 다시 시작해도 되풀이됩니다.

web: uvicorn late_ack_kills_the_worker:app
worker_broken: celery -A late_ack_kills_the_worker:celery_app worker --loglevel INFO --concurrency 1 -Q broken --hostname broken@%h
worker_fixed: celery -A late_ack_kills_the_worker:celery_app worker --loglevel INFO --concurrency 1 -Q fixed --hostname fixed@%h
"""  # noqa: E501

import os
import time
from typing import Any

import redis
from celery import Celery
from fastapi import FastAPI

RABBITMQ_URL = os.environ.get("RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672//")
REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
PART_SECONDS = float(os.environ.get("PART_SECONDS", "3"))
PARTS = 5
celery_app = Celery("late_ack_kills_the_worker", broker=RABBITMQ_URL)
database = redis.Redis.from_url(REDIS_URL, decode_responses=True)
app = FastAPI()


def convert(part: int, name: str) -> None:
    time.sleep(PART_SECONDS)
    database.rpush(name, part)


@celery_app.task(acks_late=True)
def convert_whole() -> None:
    for part in range(1, PARTS + 1):
        convert(part, "broken")


@celery_app.task(acks_late=True)
def convert_part(part: int) -> None:
    convert(part, "fixed")
    if part < PARTS:
        convert_part.apply_async((part + 1,), queue="fixed")


@app.post("/broken")
def broken() -> dict[str, str]:
    convert_whole.apply_async(queue="broken")
    return {"message": "동영상을 받았습니다"}


@app.post("/fixed")
def fixed() -> dict[str, str]:
    convert_part.apply_async((1,), queue="fixed")
    return {"message": "동영상을 받았습니다"}


@app.get("/done")
def list_parts() -> dict[str, list[Any]]:
    return {name: database.lrange(name, 0, -1) for name in ("broken", "fixed")}
