"""결과를 Redis에 저장하는 Celery 앱."""

import os
from functools import cache

import celery_tasks
from celery import Celery

app = celery_tasks.app
app.conf.update(
    task_ignore_result=False,
    result_backend=os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0"),
)


@cache
def client(url: str) -> Celery:
    """`url`의 브로커에 보내고, 결과도 거기에서 받는 앱입니다."""
    return Celery(broker=url, backend=url)


def publish(url: str, queue: str, task: str, count: int) -> None:
    for _ in range(count):
        client(url).send_task(task, (queue,), queue=queue)
