"""Celery의 태스크."""

import os
from functools import cache

import effect
from celery import Celery

CHUNK = 1000
app = Celery("celery_tasks", broker=os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0"))
app.conf.update(
    task_serializer="json",
    task_ignore_result=True,
    broker_connection_retry_on_startup=True,
)
app.task(name="nothing")(effect.nothing)
app.task(name="nap")(effect.nap)


@cache
def client(url: str) -> Celery:
    """`url`의 브로커에 보내는 앱입니다."""
    sender = Celery(broker=url)
    sender.conf.update(app.conf.changes)
    sender.conf.broker_url = url
    return sender


def publish(url: str, queue: str, task: str, count: int) -> None:
    sender = client(url)
    for _ in range(count):
        sender.send_task(task, (queue,), queue=queue, ignore_result=True)


def fill(url: str, queue: str, task: str, count: int) -> None:
    """보낸 것을, 큐에 있는 바이트 그대로 복사해 채웁니다."""
    publish(url, queue, task, 2)  # 하나는 기다리던 워커가 가져갑니다.
    with client(url).connection_for_write() as connection:
        broker = connection.default_channel.client
        message = broker.lindex(queue, 0)
        for start in range(2, count, CHUNK):
            broker.lpush(queue, *[message] * min(CHUNK, count - start))
