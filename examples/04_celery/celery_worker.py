"""Celery 앱과 태스크. 워커 프로세스가 이 파일을 읽어 태스크를 실행합니다."""

import json
import os
import time
from typing import Any

import redis
from celery import Celery, Task
from celery.signals import worker_ready
from kombu import Exchange, Queue, serialization

REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
BROKER_URL = os.environ.get("CELERY_BROKER_URL", REDIS_URL)
STEP_SECONDS = float(os.environ.get("STEP_SECONDS", "0.5"))
TASK_TIME_LIMIT = float(os.environ.get("TASK_TIME_LIMIT", "300"))

# Celery의 JSON은 {"__type__": …} 꼴의 값을 다른 타입으로 바꿉니다. 본문은 보낸 그대로 받게 합니다.
serialization.register("json", json.dumps, json.loads, "application/json", "utf-8")
celery_app = Celery("celery_worker", broker=BROKER_URL, backend=REDIS_URL)
celery_app.conf.update(
    task_serializer="json",
    result_serializer="json",
    accept_content=["json"],
    # 끝난 뒤에 ack를 보내고, 자식 프로세스가 죽으면 메시지를 큐에 돌려놓습니다.
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_soft_time_limit=TASK_TIME_LIMIT * 0.9,
    task_time_limit=TASK_TIME_LIMIT,
    broker_transport_options={
        # 가장 긴 태스크보다 길어야 실행 중인 태스크가 한 번 더 배달되지 않습니다.
        "visibility_timeout": TASK_TIME_LIMIT * 2,
        # 죽은 워커가 남긴 메시지를 기본값(약 100초)보다 자주, 1초마다 찾습니다.
        "unacked_restore_interval": 1,
        "unacked_restore_throttle": 1,
    },
    result_expires=3600,
    # 진행 상황을 적지 못하면 실패로 끝내지 않고, Redis가 돌아올 때까지 다시 적습니다.
    result_backend_always_retry=True,
    broker_connection_retry_on_startup=True,
)

if BROKER_URL.startswith("amqp"):
    # RabbitMQ에서는 세 번 다시 배달해도 끝나지 않는 메시지를 celery.dead 큐로 옮깁니다.
    quorum = {"x-queue-type": "quorum"}
    limits = {"x-delivery-limit": 3, "x-dead-letter-exchange": ""}
    arguments = {**quorum, **limits, "x-dead-letter-routing-key": "celery.dead"}
    tasks = Exchange("celery", type="topic")
    celery_app.conf.task_queues = [Queue("celery", tasks, "celery", queue_arguments=arguments)]

    @worker_ready.connect
    def declare_dead_letters(**options: Any) -> None:
        """옮길 큐를 만듭니다. 이 큐는 아무도 꺼내지 않고, 사람이 봅니다."""
        with celery_app.connection_for_write() as connection:
            Queue("celery.dead", queue_arguments=quorum)(connection.default_channel).declare()


ledger = redis.Redis.from_url(REDIS_URL)


@celery_app.task(bind=True)
def process_data_task(self: Task[Any, Any], data: dict[str, Any]) -> dict[str, int]:
    """항목을 하나씩 처리하고, 처리한 개수를 장부에 적습니다.

    장부의 키는 태스크 id입니다. 같은 메시지가 다시 배달되어도 같은 칸에 같은 값을 적습니다.

    Raises:
        ValueError: 값이 null인 항목이 있을 때.
    """
    for done, (key, value) in enumerate(data.items()):
        self.update_state(state="PROGRESS", meta={"done": done, "total": len(data)})
        if value is None:
            raise ValueError(f"{key!r} 항목의 값이 비어 있습니다")
        time.sleep(STEP_SECONDS)
    ledger.hset("processed", self.request.id, len(data))
    return {"processed": len(data)}
