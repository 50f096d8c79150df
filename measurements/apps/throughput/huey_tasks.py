"""huey의 태스크."""

import os
from functools import cache
from typing import Any

import effect
from huey import RedisHuey


def huey_at(url: str) -> tuple[RedisHuey, dict[str, Any]]:
    """`url`의 큐와, 부르면 큐에 넣는 태스크입니다."""
    found = RedisHuey("huey", results=False, url=url)
    tasks = {function.__name__: found.task()(function) for function in (effect.nothing, effect.nap)}
    return found, tasks


huey, _ = huey_at(os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0"))
sender = cache(huey_at)


def publish(url: str, queue: str, task: str, count: int) -> None:
    _, tasks = sender(url)
    for _ in range(count):
        tasks[task](queue)
