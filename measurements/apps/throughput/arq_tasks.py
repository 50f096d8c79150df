"""arq의 태스크. arq는 새 redis-py와 함께 설치할 수 없어, 따로 만든 환경에서 실행합니다."""

import asyncio
import os
from functools import cache
from typing import Any

import effect
from arq import create_pool
from arq.connections import ArqRedis, RedisSettings


async def nothing(context: dict[str, Any], label: str) -> None:
    effect.nothing(label)


async def nap(context: dict[str, Any], label: str) -> None:
    await effect.async_nap(label)


def settings(queue: str, max_jobs: int) -> dict[str, Any]:
    """`arq arq_tasks.few`처럼 워커를 시작하면 arq가 읽습니다."""
    url = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379")
    return {
        "functions": [nothing, nap],
        "redis_settings": RedisSettings.from_dsn(url),
        "queue_name": queue,
        "max_jobs": max_jobs,
        "poll_delay": 0.001,
        "keep_result": 0,
        "log_results": False,
    }


# 프로세스가 둘이므로 모두 넷과 200개를 함께 실행합니다.
few = settings("arq-4", 2)
many = settings("arq-200", 100)


@cache
def loop() -> asyncio.AbstractEventLoop:
    """연결을 다시 쓰도록, 이벤트 루프 하나에서만 보냅니다."""
    return asyncio.new_event_loop()


@cache
def pool(url: str) -> ArqRedis:
    return loop().run_until_complete(create_pool(RedisSettings.from_dsn(url)))


def publish(url: str, queue: str, task: str, count: int) -> None:
    found = pool(url)

    async def send() -> None:
        for _ in range(count):
            await found.enqueue_job(task, queue, _queue_name=queue)

    loop().run_until_complete(send())
