"""연습 06-2: 다시 해도 소용없는 예외는 그만두게 하세요.

환율을 묻는 태스크는 어떤 예외가 나도 두 번까지 다시 합니다.
통화의 이름이 틀렸으면 몇 번을 다시 물어도 틀립니다.

목표:

- 모르는 통화(ValueError): 한 번만 실행되고 failed로 끝납니다.
- 답하지 않는 은행(ConnectionError): 지금처럼 다시 해서 finished로 끝납니다.
- GET /rates/{task_id}의 error에 {"type": 예외의 이름, "message": 예외의 메시지}가 있습니다.
- RQ가 없애려는 방법을 썼다는 경고(DeprecationWarning)가 나오지 않습니다.

확인하기: uv run lab check 06-2
"""

import os
from types import TracebackType

from fastapi import FastAPI
from redis import Redis
from rq import Callback, Queue, Retry
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
    failed = Callback(save_error)
    job = queue.enqueue(fetch_rate, args=(currency,), retry=Retry(max=2), on_failure=failed)
    return {"task_id": job.id}


@app.get("/rates/{task_id}")
def read_rate(task_id: str) -> dict[str, object]:
    """태스크의 상태와 결과, 마지막 예외를 알려 줍니다."""
    job = Job.fetch(task_id, connection=redis, serializer="json")
    status, error = job.get_status(refresh=False), job.meta.get("error")
    runs = int(database.hget("runs", job.args[0]) or 0)
    return {"status": status, "runs": runs, "result": job.return_value(), "error": error}
