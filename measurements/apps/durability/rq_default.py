"""주소만 주고 나머지는 모두 기본값인 RQ."""

import os
import time

import effects
from fastapi import FastAPI
from redis import Redis
from rq import Queue

REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")

app = FastAPI()
queue = Queue(connection=Redis.from_url(REDIS_URL))


def work(number: int) -> None:
    time.sleep(effects.WORK_SECONDS)
    effects.write(number)


@app.post("/work/{number}")
def submit(number: int) -> dict[str, str]:
    queue.enqueue(work, number)
    return {"message": "데이터 처리가 시작되었습니다"}
