"""함정: visibility_timeout보다 오래 걸리는 태스크는 실행 중에 또 배달됩니다.

증상: 주문은 하나인데 결제가 여러 번 됩니다. 워커 로그에는 같은 태스크 id가 되풀이됩니다.

web: uvicorn visibility_timeout_duplicates:app
worker: celery -A visibility_timeout_duplicates:celery_app worker --loglevel INFO --concurrency 4
"""

import os
import time
from typing import Any

import redis
from celery import Celery, Task
from fastapi import FastAPI

REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
WORK_SECONDS = float(os.environ.get("WORK_SECONDS", "5"))
# 함정을 보려고 짧게 두었습니다. 가장 긴 태스크보다 길게 두세요(기본값 3600초).
OPTIONS = {"visibility_timeout": 2, "unacked_restore_interval": 1, "unacked_restore_throttle": 1}
celery_app = Celery("visibility_timeout_duplicates", broker=REDIS_URL)
# 접두어가 있어야 같은 Redis를 쓰는 다른 앱의 메시지까지 2초 만에 다시 배달하지 않습니다.
celery_app.conf.broker_transport_options = {**OPTIONS, "global_keyprefix": "pitfall:"}
database = redis.Redis.from_url(REDIS_URL, decode_responses=True)
app = FastAPI()
sent: dict[str, str] = {}


@celery_app.task(bind=True, acks_late=True, expires=20)  # 20초가 지나면 되풀이를 멈춥니다.
def charge_broken(self: Task[..., Any]) -> None:
    order_id = str(self.request.id)
    database.hincrby(order_id, "charged", 10_000)
    database.hincrby(order_id, "runs")
    time.sleep(WORK_SECONDS)


@celery_app.task(bind=True, acks_late=True, expires=20)
def charge_fixed(self: Task[..., Any]) -> None:
    order_id = str(self.request.id)
    database.hsetnx(order_id, "charged", 10_000)  # SQL: INSERT ... ON CONFLICT DO NOTHING
    database.hincrby(order_id, "runs")
    time.sleep(WORK_SECONDS)


@app.post("/broken")
def broken() -> dict[str, str]:
    sent["broken"] = charge_broken.delay().id
    return {"message": "주문을 받았습니다"}


@app.post("/fixed")
def fixed() -> dict[str, str]:
    sent["fixed"] = charge_fixed.delay().id
    return {"message": "주문을 받았습니다"}


@app.get("/done")
def list_done() -> dict[str, object]:
    return {name: database.hgetall(order_id) for name, order_id in sent.items()}
