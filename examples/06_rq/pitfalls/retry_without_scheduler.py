"""함정: 간격을 둔 재시도는 스케줄러가 없으면 시작되지 않습니다.

증상: 한 번 실패한 태스크의 상태가 scheduled에서 바뀌지 않고, 두 번째 실행은 오지 않습니다.

web: uvicorn retry_without_scheduler:app
worker_broken: rq worker broken --serializer json
worker_fixed: rq worker fixed --serializer json --with-scheduler
"""

import os

from fastapi import FastAPI
from redis import Redis
from rq import Queue, Retry, get_current_job
from rq.job import Job

REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
redis = Redis.from_url(REDIS_URL)
database = Redis.from_url(REDIS_URL, decode_responses=True)  # RQ의 연결은 bytes를 받아야 합니다.
queues = {name: Queue(name, connection=redis, serializer="json") for name in ("broken", "fixed")}
app = FastAPI()
sent: dict[str, Job] = {}


def charge() -> str:
    """처음 한 번은 결제 회사가 답하지 않은 것으로 칩니다."""
    job = get_current_job()
    assert job is not None
    if database.hincrby("tries", job.id) == 1:
        raise ConnectionError("결제 회사가 답하지 않습니다")
    return "결제했습니다"


@app.post("/broken")
def broken() -> dict[str, str]:
    sent["broken"] = queues["broken"].enqueue(charge, retry=Retry(max=3, interval=1))
    return {"message": "결제를 시작했습니다"}


@app.post("/fixed")
def fixed() -> dict[str, str]:
    sent["fixed"] = queues["fixed"].enqueue(charge, retry=Retry(max=3, interval=1))
    return {"message": "결제를 시작했습니다"}


@app.get("/done")
def list_done() -> dict[str, dict[str, object]]:
    return {
        name: {"status": job.get_status(), "tries": database.hget("tries", job.id)}
        for name, job in sent.items()
    }
