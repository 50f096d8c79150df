"""이미 결제한 주문이면 예외를 냅니다."""

import os
import time

import redis
from celery import Celery
from fastapi import FastAPI

REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
WORK_SECONDS = float(os.environ.get("WORK_SECONDS", "8"))
VISIBILITY_TIMEOUT = float(os.environ.get("VISIBILITY_TIMEOUT", "20"))
OPTIONS = {"unacked_restore_interval": 1, "unacked_restore_throttle": 1}  # 1초마다 찾습니다.
celery_app = Celery("shop", broker=REDIS_URL)
celery_app.conf.broker_transport_options = {**OPTIONS, "visibility_timeout": VISIBILITY_TIMEOUT}
database = redis.Redis.from_url(REDIS_URL, decode_responses=True)
app = FastAPI()


@celery_app.task(acks_late=True)
def pay(order_id: str) -> None:
    """결제하고 영수증을 남깁니다."""
    if database.exists(f"charges:{order_id}"):
        raise RuntimeError(f"이미 결제했습니다: {order_id}")
    database.hset(f"charges:{order_id}", order_id, 10_000)
    time.sleep(WORK_SECONDS)  # 영수증을 만드는 시간입니다. 여기에서 kill -9가 옵니다.
    database.sadd("receipts", order_id)


@app.post("/orders/{order_id}", status_code=202)
def create_order(order_id: str) -> dict[str, str]:
    """결제를 맡깁니다."""
    pay.delay(order_id)
    return {"message": "주문을 받았습니다"}


@app.get("/orders/{order_id}")
def read_order(order_id: str) -> dict[str, object]:
    """주문에 적힌 결제와, 영수증이 있는지 알려 줍니다."""
    charges = database.hgetall(f"charges:{order_id}")
    return {"charges": charges, "receipt": bool(database.sismember("receipts", order_id))}
