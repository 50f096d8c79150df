"""RQ의 태스크. RQ의 태스크는 보통의 함수입니다."""

from functools import cache

import redis
from rq import Queue


@cache
def queue_at(url: str, name: str) -> Queue:
    return Queue(name, connection=redis.Redis.from_url(url), serializer="json")


def publish(url: str, queue: str, task: str, count: int) -> None:
    target = queue_at(url, queue)
    for _ in range(count):
        target.enqueue(f"effect.{task}", queue, result_ttl=0)
