"""주소만 주고 나머지는 모두 기본값인 RQ."""

import os

import effects
from fastapi import FastAPI
from redis import Redis
from rq import Queue

REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")

app = FastAPI()
queue = Queue(connection=Redis.from_url(REDIS_URL))


@app.post("/work/{number}")
def submit(number: int) -> dict[str, str]:
    # 자식마다 새로 임포트하므로, 태스크는 FastAPI를 임포트하지 않는 파일에 둡니다.
    queue.enqueue(effects.work, number)
    return {"message": "데이터 처리가 시작되었습니다"}
