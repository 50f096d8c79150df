"""함정: 실행하던 프로세스가 죽은 태스크를 RQ는 실패로 적고 그만둡니다.

증상: 워커 로그에 나온 kill 명령을 실행하면 상태가 failed로 바뀌고 결제는 되지 않습니다.

web: uvicorn killed_task_is_given_up:app
worker: rq worker --serializer json
"""

import logging
import os
import time

from fastapi import FastAPI
from redis import Redis
from rq import Queue, Retry, get_current_job
from rq.job import Job

WORK_SECONDS = float(os.environ.get("WORK_SECONDS", "8"))
REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
redis = Redis.from_url(REDIS_URL)
database = Redis.from_url(REDIS_URL, decode_responses=True)  # RQ의 연결은 bytes를 받아야 합니다.
queue = Queue(connection=redis, serializer="json")
app = FastAPI()
sent: dict[str, Job] = {}


def charge() -> None:
    job = get_current_job()
    assert job is not None
    database.hincrby(f"order:{job.id}", "runs")
    logging.warning("결제를 시작했습니다. 끝나기 전에 죽이세요: kill -9 %d", os.getpid())
    time.sleep(WORK_SECONDS)
    database.hsetnx(f"order:{job.id}", "charged", "10000")  # 두 번 실행되어도 결제는 한 번입니다.


@app.post("/broken")
def broken() -> dict[str, str]:
    sent["broken"] = queue.enqueue(charge)
    return {"message": "주문을 받았습니다"}


@app.post("/fixed")
def fixed() -> dict[str, str]:
    sent["fixed"] = queue.enqueue(charge, retry=Retry(max=3))
    return {"message": "주문을 받았습니다"}


@app.get("/done")
def list_done() -> dict[str, object]:
    return {
        name: {"status": job.get_status(), **database.hgetall(f"order:{job.id}")}
        for name, job in sent.items()
    }
