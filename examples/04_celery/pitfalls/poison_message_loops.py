"""함정: 처리할 수 없는 메시지를 큐에 돌려놓으면 끝없이 다시 배달됩니다.

증상: 메시지는 하나인데 워커가 쉬지 않고, 실행한 횟수가 계속 늘어납니다.

web: uvicorn poison_message_loops:app
worker: celery -A poison_message_loops:celery_app worker --loglevel INFO --concurrency 1
"""

import os
import time
from typing import Any

import redis
from celery import Celery
from celery.exceptions import Reject
from fastapi import FastAPI
from kombu import Exchange, Queue

RABBITMQ_URL = os.environ.get("RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672//")
REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
celery_app = Celery("poison_message_loops", broker=RABBITMQ_URL)
database = redis.Redis.from_url(REDIS_URL, decode_responses=True)
jobs = Exchange("jobs", type="topic")
dead_letters = Queue("dead_letters", Exchange("dead", type="fanout"))
limits = {"x-queue-type": "quorum", "x-delivery-limit": 3, "x-dead-letter-exchange": "dead"}
limited = Queue("limited", jobs, "limited", queue_arguments=limits)
celery_app.conf.task_queues = [Queue("endless", jobs, "endless"), limited]
app = FastAPI()


@celery_app.task(acks_late=True)
def read_price(text: str, queue: str) -> None:
    database.incr(queue)
    try:
        database.set("price", int(text))
    except ValueError as error:
        time.sleep(0.1)  # 로그를 읽을 수 있게 늦춥니다. 쉬지 않으면 훨씬 자주 되풀이합니다.
        raise Reject(error, requeue=True) from error


@app.post("/broken")
def broken(price: str) -> dict[str, str]:
    read_price.apply_async((price, "endless"), queue="endless")
    return {"message": "가격을 받았습니다"}


@app.post("/fixed")
def fixed(price: str) -> dict[str, str]:
    with celery_app.connection_for_write() as connection:
        dead_letters(connection.default_channel).declare()
    read_price.apply_async((price, "limited"), queue="limited")
    return {"message": "가격을 받았습니다"}


@app.get("/done")
def count_runs() -> dict[str, Any]:
    with celery_app.connection_for_write() as connection:
        channel: Any = connection.default_channel
        dead = channel.queue_declare("dead_letters", durable=True, auto_delete=False).message_count
    return {"endless": database.get("endless"), "limited": database.get("limited"), "dead": dead}
