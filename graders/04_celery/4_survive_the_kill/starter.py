"""연습 04-4: 결제한 다음에 워커가 죽어도 영수증이 남게 하세요.

채점기는 결제와 영수증 사이에 워커를 kill -9로 죽이고, 새 워커를 켭니다.

목표:

- 새 워커가 그 주문을 이어받아 영수증까지 남깁니다.
- 결제는 한 줄이고 10000원입니다. 두 번 실행되어도 그렇습니다.
- GET /orders/{order_id}와, Redis의 두 키(charges:…, receipts)의 이름은 그대로 둡니다.

확인하기: uv run lab check 04-4
"""

import os
import time
from uuid import uuid4

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


# TODO: 도중에 죽은 태스크가 다시 실행되게 하세요. 다시 실행되어도 결제는 한 번이어야 합니다.
@celery_app.task
def pay(order_id: str) -> None:
    """결제하고 영수증을 남깁니다."""
    database.hset(f"charges:{order_id}", uuid4().hex, 10_000)
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
