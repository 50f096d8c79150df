"""huey의 태스크."""

import os
from functools import cache

import effect
from huey import RedisHuey

QUEUE = "huey"


@cache
def huey_at(url: str) -> RedisHuey:
    found = RedisHuey(QUEUE, results=False, url=url)
    found.task(name="nothing")(effect.nothing)
    found.task(name="nap")(effect.nap)
    return found


huey = huey_at(os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0"))


def publish(url: str, queue: str, task: str, count: int) -> None:
    found = huey_at(url)
    kind = found._registry.string_to_task(f"{effect.__name__}.{task}")
    for _ in range(count):
        found.enqueue(kind((queue,)))
