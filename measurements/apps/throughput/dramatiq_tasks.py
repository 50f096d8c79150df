"""dramatiq의 태스크."""

import os
from functools import cache

import dramatiq
import effect
from dramatiq import Message
from dramatiq.brokers.redis import RedisBroker

dramatiq.set_broker(RedisBroker(url=os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")))
QUEUE = "dramatiq"
nothing = dramatiq.actor(queue_name=QUEUE)(effect.nothing)
nap = dramatiq.actor(queue_name=QUEUE)(effect.nap)


@cache
def broker_at(url: str) -> RedisBroker:
    broker = RedisBroker(url=url)
    broker.declare_queue(QUEUE)
    return broker


def publish(url: str, queue: str, task: str, count: int) -> None:
    broker = broker_at(url)
    for _ in range(count):
        message = Message(queue_name=QUEUE, actor_name=task, args=(queue,), kwargs={}, options={})
        broker.enqueue(message)
