"""Callback으로 감싸지 않고 함수를 그대로 줍니다."""

import os
from types import TracebackType

from fastapi import FastAPI
from redis import Redis
from rq import Queue, Retry
from rq.job import Job

REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
redis = Redis.from_url(REDIS_URL)
database = Redis.from_url(REDIS_URL, decode_responses=True)  # RQ의 연결은 bytes를 받아야 합니다.
queue = Queue(connection=redis, serializer="json")
app = FastAPI()
RATES = {"USD": 1400, "JPY": 9}


def fetch_rate(currency: str) -> int:
    """환율을 돌려줍니다. 은행은 처음 한 번은 답하지 않습니다."""
    runs = database.hincrby("runs", currency)
    if currency not in RATES:
        raise ValueError(f"모르는 통화입니다: {currency}")
    if runs == 1:
        raise ConnectionError("은행이 답하지 않습니다")
    return RATES[currency]


def save_error(
    job: Job,
    connection: Redis,
    error_type: type[BaseException],
    error: BaseException,
    traceback: TracebackType,
) -> None:
    """태스크가 예외를 낼 때마다 RQ가 부릅니다."""
    job.meta["error"] = {"type": error_type.__name__, "message": str(error)}
    job.save_meta()
    if isinstance(error, ValueError):
        job.retries_left = 0  # RQ의 Retry는 예외를 가리지 않으므로 여기에서 그만두게 합니다.


@app.post("/rates/{currency}", status_code=202)
def start_rate(currency: str) -> dict[str, str]:
    """환율을 묻는 일을 맡깁니다."""
    job = queue.enqueue(fetch_rate, args=(currency,), retry=Retry(max=2), on_failure=save_error)
    return {"task_id": job.id}


@app.get("/rates/{task_id}")
def read_rate(task_id: str) -> dict[str, object]:
    """태스크의 상태와 결과, 마지막 예외를 알려 줍니다."""
    job = Job.fetch(task_id, connection=redis, serializer="json")
    status, error = job.get_status(refresh=False), job.meta.get("error")
    runs = int(database.hget("runs", job.args[0]) or 0)
    return {"status": status, "runs": runs, "result": job.return_value(), "error": error}
