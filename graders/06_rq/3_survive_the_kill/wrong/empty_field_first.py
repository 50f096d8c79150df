"""칸을 0으로 먼저 만들고 나중에 줍니다."""

import os
import time

from fastapi import FastAPI
from redis import Redis
from rq import Queue, Retry
from rq.job import Job

REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
STEP_SECONDS = float(os.environ.get("STEP_SECONDS", "2"))
redis = Redis.from_url(REDIS_URL)
database = Redis.from_url(REDIS_URL, decode_responses=True)  # RQ의 연결은 bytes를 받아야 합니다.
queue = Queue(connection=redis, serializer="json")
app = FastAPI()
MEMBERS = ("하나", "두리", "세나")


def give_points(month: str) -> None:
    """회원마다 100포인트를 줍니다."""
    for member in MEMBERS:
        if not database.hsetnx(f"points:{month}", member, 0):
            continue
        time.sleep(STEP_SECONDS)
        database.hset(f"points:{month}", member, 100)


@app.post("/points/{month}", status_code=202)
def start_points(month: str) -> dict[str, str]:
    """그달의 포인트를 나누어 주게 합니다."""
    queue.enqueue(give_points, args=(month,), job_id=month, retry=Retry(max=3))
    return {"message": "포인트를 나누어 줍니다"}


@app.get("/points/{month}")
def read_points(month: str) -> dict[str, object]:
    """태스크의 상태와, 지금까지 받은 포인트입니다."""
    job = Job.fetch(month, connection=redis, serializer="json")
    return {"status": job.get_status(), "points": database.hgetall(f"points:{month}")}
