"""taskiq의 태스크. 확인 응답이 있는 RedisStreamBroker를 씁니다."""

import asyncio
import os
from functools import cache

import effect
from taskiq_redis import RedisStreamBroker


def broker_at(url: str, queue: str) -> RedisStreamBroker:
    broker = RedisStreamBroker(url, queue_name=queue)

    @broker.task("nothing")
    async def nothing(label: str) -> None:
        effect.nothing(label)

    broker.task("nap")(effect.async_nap)
    return broker


URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
few = broker_at(URL, "taskiq-4")
many = broker_at(URL, "taskiq-200")


@cache
def loop() -> asyncio.AbstractEventLoop:
    """연결을 다시 쓰도록, 이벤트 루프 하나에서만 보냅니다."""
    return asyncio.new_event_loop()


@cache
def sender(url: str, queue: str) -> RedisStreamBroker:
    found = broker_at(url, queue)
    loop().run_until_complete(found.startup())
    return found


def publish(url: str, queue: str, task: str, count: int) -> None:
    found = sender(url, queue).find_task(task)
    assert found is not None

    async def send() -> None:
        for _ in range(count):
            await found.kiq(queue)

    loop().run_until_complete(send())
