"""워커 프로세스가 실행하는 태스크. RQ의 태스크는 보통의 함수입니다."""

import os
import time
from types import TracebackType
from typing import Any

import redis
from rq import get_current_job
from rq.job import Job
from rq.timeouts import JobTimeoutException

REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
STEP_SECONDS = float(os.environ.get("STEP_SECONDS", "0.5"))
PERMANENT_ERRORS = (ValueError, JobTimeoutException)
"""다시 실행해도 결과가 같은 예외입니다."""

ledger = redis.Redis.from_url(REDIS_URL)


def process_data_task(data: dict[str, Any]) -> dict[str, int]:
    """항목을 하나씩 처리하고, 처리한 개수를 장부에 적습니다.

    장부의 키는 태스크 id입니다. 같은 태스크가 다시 실행되어도 같은 칸에 같은 값을 적습니다.

    Raises:
        ValueError: 값이 null인 항목이 있을 때.
    """
    job = get_current_job()
    assert job is not None
    for done, (key, value) in enumerate(data.items()):
        job.meta.update(progress={"done": done, "total": len(data)}, error=None)
        job.save_meta()
        if value is None:
            raise ValueError(f"{key!r} 항목의 값이 비어 있습니다")
        time.sleep(STEP_SECONDS)
    ledger.hset("processed", job.id, len(data))
    return {"processed": len(data)}


def save_error(
    job: Job,
    connection: redis.Redis,
    error_type: type[BaseException],
    error: BaseException,
    traceback: TracebackType,
) -> None:
    """태스크가 예외를 낼 때마다 RQ가 부릅니다. RQ는 예외를 트레이스백 글로만 남깁니다."""
    job.meta["error"] = {"type": error_type.__name__, "message": str(error)}
    job.save_meta()
    if isinstance(error, PERMANENT_ERRORS):
        job.retries_left = 0  # RQ의 Retry는 예외를 가리지 않으므로 여기에서 그만두게 합니다.
