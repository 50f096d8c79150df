"""RQ의 태스크. RQ의 태스크는 보통의 함수입니다."""

from functools import cache

import redis
from rq import Queue

CHUNK = 1000


@cache
def queue_at(url: str, name: str) -> Queue:
    return Queue(name, connection=redis.Redis.from_url(url), serializer="json")


def publish(url: str, queue: str, task: str, count: int) -> None:
    target = queue_at(url, queue)
    for _ in range(count):
        target.enqueue(f"effect.{task}", queue, result_ttl=0)


def fill(url: str, queue: str, task: str, count: int) -> None:
    """한꺼번에 여럿을 넣습니다."""
    target = queue_at(url, queue)
    for start in range(0, count, CHUNK):
        jobs = [
            Queue.prepare_data(f"effect.{task}", (queue,), result_ttl=0)
            for _ in range(min(CHUNK, count - start))
        ]
        target.enqueue_many(jobs)
