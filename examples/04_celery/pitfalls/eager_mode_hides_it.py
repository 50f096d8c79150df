"""함정: task_always_eager로 통과한 테스트가 실제 워커에서도 통과한다는 보장은 없습니다.

증상: 전역 변수에 적는 태스크가 테스트는 통과합니다. 워커가 실행하면 웹에 남는 것이 없습니다.

web: uvicorn eager_mode_hides_it:app
worker: celery -A eager_mode_hides_it:celery_app worker --loglevel INFO --concurrency 1
"""

import os
from uuid import uuid4

import redis
from celery import Celery
from fastapi import FastAPI

REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
celery_app = Celery("shop", broker=REDIS_URL, backend=REDIS_URL)
store = redis.Redis.from_url(REDIS_URL, decode_responses=True)
shipped: set[str] = set()


@celery_app.task
def ship_in_memory(order_id: str) -> None:
    shipped.add(order_id)


@celery_app.task
def ship_in_redis(order_id: str) -> None:
    store.sadd("shipped", order_id)


def run_checks() -> dict[str, bool]:
    """두 태스크가 끝나기를 기다린 뒤, 한 일이 웹 프로세스에서도 보이는지 확인합니다."""
    order_id = uuid4().hex
    ship_in_memory.delay(order_id).get(timeout=10)
    ship_in_redis.delay(order_id).get(timeout=10)
    return {
        "ship_in_memory": order_id in shipped,
        "ship_in_redis": bool(store.sismember("shipped", order_id)),
    }


app = FastAPI()


@app.post("/broken")
def broken() -> dict[str, bool]:
    # 테스트의 conftest.py에 흔히 두는 설정입니다. .delay()가 이 프로세스에서 함수를 바로 부릅니다.
    celery_app.conf.task_always_eager = True
    try:
        return run_checks()
    finally:
        celery_app.conf.task_always_eager = False


@app.post("/fixed")
def fixed() -> dict[str, bool]:
    return run_checks()
