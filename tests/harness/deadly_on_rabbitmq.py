"""04_celery의 큐에, 실행할 때마다 자기 프로세스를 죽이는 태스크를 더합니다."""

import importlib
import os
import signal

from celery.concurrency.asynpool import AsynPool

# 워커가 죽은 자식을 5초마다 찾으므로, 테스트에서는 더 자주 찾게 합니다.
setattr(AsynPool, "timers", property(lambda pool: {pool.maintain_pool: 0.2}))  # noqa: B010

example = importlib.import_module("celery_worker")
celery_app = example.celery_app


def die() -> None:
    example.ledger.incr("deaths")
    os.kill(os.getpid(), signal.SIGKILL)


celery_app.task(die)
