"""함정: except Exception은 제한 시간 초과(SoftTimeLimitExceeded)까지 삼킵니다.

증상: 시간이 모자라 절반만 저장했는데 상태는 SUCCESS이고, 저장하다 만 행이 남습니다.

web: uvicorn soft_limit_swallowed:app
worker: celery -A soft_limit_swallowed:celery_app worker --loglevel INFO --concurrency 1
"""

import os
import time

import redis
from celery import Celery
from celery.exceptions import SoftTimeLimitExceeded
from celery.result import AsyncResult
from fastapi import FastAPI

REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
WORK_SECONDS = float(os.environ.get("WORK_SECONDS", "3"))
celery_app = Celery("soft_limit_swallowed", broker=REDIS_URL, backend=REDIS_URL)
database = redis.Redis.from_url(REDIS_URL, decode_responses=True)
app = FastAPI()
sent: dict[str, AsyncResult[None]] = {}


@celery_app.task(soft_time_limit=1, time_limit=10)
def export_broken() -> None:
    try:
        database.sadd("rows:broken", "1행")
        time.sleep(WORK_SECONDS)  # 나머지 행을 저장하는 시간입니다.
    except Exception as error:
        print(f"내보내기에 실패했습니다: {error!r}")


@celery_app.task(soft_time_limit=1, time_limit=10)
def export_fixed() -> None:
    try:
        database.sadd("rows:fixed", "1행")
        time.sleep(WORK_SECONDS)
    except SoftTimeLimitExceeded:
        database.delete("rows:fixed")
        raise  # 다른 예외는 잡지 않습니다. Celery가 FAILURE와 이유를 기록합니다.


@app.post("/broken")
def broken() -> dict[str, str]:
    sent["broken"] = export_broken.delay()
    return {"message": "내보내기를 시작했습니다"}


@app.post("/fixed")
def fixed() -> dict[str, str]:
    sent["fixed"] = export_fixed.delay()
    return {"message": "내보내기를 시작했습니다"}


@app.get("/done")
def list_done() -> dict[str, list[object]]:
    return {name: [task.status, *database.smembers(f"rows:{name}")] for name, task in sent.items()}
