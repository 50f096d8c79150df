"""연습 06-1: 실패한 태스크를 누가, 몇 번 다시 하는지 예측하세요.

charge는 언제나 실패합니다. 셋을 한 번씩 보내고, 스케줄러가 없는 워커로 큐를 비웁니다.

    rq worker --serializer json --burst

할 일이 없어져 워커가 끝난 다음의 실행 횟수와 상태를 예측하여, PREDICTION의 세 줄에 있는
None만 바꾸세요.
상태는 "queued", "scheduled", "finished", "failed" 가운데 고르세요. 다른 줄은 고치지 마세요.

확인하기: uv run lab check 06-1
"""

import os
from typing import Literal

from fastapi import FastAPI
from redis import Redis
from rq import Queue, Retry
from rq.job import Job

PREDICTION = {  # 예: "never": (2, "finished")
    "never": None,  # TODO: retry가 없습니다.
    "at_once": None,  # TODO: 간격 없이 두 번까지 다시 합니다.
    "later": None,  # TODO: 1초 뒤에, 두 번까지 다시 합니다.
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
