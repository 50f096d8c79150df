"""RQ가 실패한 태스크를 큐에 돌려놓는다고 봅니다."""

import os
from typing import Literal

from fastapi import FastAPI
from redis import Redis
from rq import Queue, Retry
from rq.job import Job

PREDICTION = {
    "never": (1, "queued"),  # retry가 없습니다.
    "at_once": (3, "failed"),  # 간격 없이 두 번까지 다시 합니다.
    "later": (1, "scheduled"),  # 1초 뒤에, 두 번까지 다시 합니다.
}

REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
redis = Redis.from_url(REDIS_URL)
database = Redis.from_url(REDIS_URL, decode_responses=True)  # RQ의 연결은 bytes를 받아야 합니다.
queue = Queue(connection=redis, serializer="json")
app = FastAPI()
Name = Literal["never", "at_once", "later"]
RETRIES = {"never": None, "at_once": Retry(max=2), "later": Retry(max=2, interval=1)}


def charge(name: str) -> None:
    """결제 회사는 한 번도 답하지 않습니다."""
    database.hincrby("runs", name)
    raise ConnectionError("결제 회사가 답하지 않습니다")


@app.post("/charges/{name}", status_code=202)
def start_charge(name: Name) -> dict[str, str]:
    """결제를 맡깁니다."""
    queue.enqueue(charge, args=(name,), retry=RETRIES[name], job_id=name)
    return {"message": "결제를 시작했습니다"}


@app.get("/charges/{name}")
def read_charge(name: Name) -> dict[str, object]:
    """지금까지 실행한 횟수와 상태입니다."""
    job = Job.fetch(name, connection=redis, serializer="json")
    return {"runs": int(database.hget("runs", name) or 0), "status": job.get_status()}
