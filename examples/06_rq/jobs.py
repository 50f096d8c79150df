"""웹이 쓰는 RQ 큐. 태스크를 넣고, 찾고, 상태를 04_celery와 같은 모양으로 바꿉니다."""

import os
from typing import Any

from pydantic import BaseModel
from redis import Redis
from rq import Callback, Queue, Retry
from rq.exceptions import NoSuchJobError
from rq.job import Job

from tasks import REDIS_URL, process_data_task, save_error

JOB_TIMEOUT = int(os.environ.get("JOB_TIMEOUT", "300"))
RETRY = Retry(max=3, interval=[1, 2, 4])
STATUS = {"queued": "QUEUED", "started": "PROGRESS", "scheduled": "RETRY", "finished": "SUCCESS"}

# 웹은 브로커를 오래 기다리지 않습니다. 1초 안에 답이 없으면 다시 시도하지 않고 그만둡니다.
redis = Redis.from_url(REDIS_URL, socket_timeout=1, socket_connect_timeout=1, retry=None)
# RQ의 기본값인 pickle은 큐에 쓸 수 있는 누구나 워커에서 코드를 실행하게 합니다.
queue = Queue(connection=redis, serializer="json")


class TaskStatus(BaseModel):
    task_id: str
    status: str
    result: dict[str, int] | None = None
    error: dict[str, str] | None = None


def enqueue(data: dict[str, Any]) -> str:
    """태스크를 큐에 넣고 id를 돌려줍니다."""
    return queue.enqueue(
        process_data_task,
        args=(data,),
        job_timeout=JOB_TIMEOUT,
        retry=RETRY,
        on_failure=Callback(save_error),
        result_ttl=3600,
        failure_ttl=24 * 3600,
    ).id


def find(task_id: str) -> Job:
    """id로 태스크를 찾습니다.

    Raises:
        NoSuchJobError: 그런 태스크가 없을 때.
    """
    try:
        return Job.fetch(task_id, connection=redis, serializer="json")
    except ValueError as error:  # RQ의 id에 쓸 수 없는 글자가 있습니다.
        raise NoSuchJobError(task_id) from error


def failed(limit: int = 100) -> list[Job]:
    """끝내 실패한 태스크를 최근 것부터 돌려줍니다."""
    ids = queue.failed_job_registry.get_job_ids(0, limit - 1, desc=True)
    return [job for job in Job.fetch_many(ids, connection=redis, serializer="json") if job]


def describe(job: Job) -> TaskStatus:
    """태스크의 상태입니다. RQ의 상태 이름을 Celery의 이름으로 바꿉니다."""
    status = STATUS.get(job.get_status(refresh=False), "FAILURE")
    answer = TaskStatus(task_id=job.id, status=status)
    if status == "SUCCESS":
        answer.result = job.return_value()
    elif status == "PROGRESS":
        answer.result = job.meta.get("progress")
    elif status in ("RETRY", "FAILURE"):
        answer.error = job.meta.get("error")
    if status == "FAILURE" and answer.error is None:
        # 실행하던 프로세스가 죽으면 save_error가 불리지 않습니다. RQ가 남긴 이유를 씁니다.
        last = job.latest_result()
        answer.error = {"type": "WorkerLostError", "message": (last and last.exc_string) or ""}
    return answer
