"""실행할 때마다 자기 프로세스를 죽이거나 끝나지 않는 태스크입니다.

자기를 죽이는 것은 메모리가 모자라 죽는 태스크를 대신합니다.
"""

import os
import signal
import time

import redis
from celery import Celery
from celery.concurrency.asynpool import AsynPool

# 워커가 죽은 자식을 5초마다 찾으므로, 테스트에서는 더 자주 찾게 합니다.
setattr(AsynPool, "timers", property(lambda pool: {pool.maintain_pool: 0.2}))  # noqa: B010

REDIS_URL = os.environ["REDIS_URL"]
celery_app = Celery("deadly_tasks", broker=REDIS_URL, backend=REDIS_URL)
database = redis.Redis.from_url(REDIS_URL)


def die(name: str) -> None:
    database.incr(name)
    os.kill(os.getpid(), signal.SIGKILL)


@celery_app.task(acks_late=True)
def late_ack() -> None:
    die("late_ack")


@celery_app.task(acks_late=True, reject_on_worker_lost=True)
def put_back() -> None:
    die("put_back")


@celery_app.task(acks_late=True, retry_on_worker_lost=True, max_retries=2, default_retry_delay=0)
def retry_twice() -> None:
    die("retry_twice")


@celery_app.task(time_limit=1)
def never_end() -> None:
    database.set("never_end", os.getpid())
    time.sleep(600)
