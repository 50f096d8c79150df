"""함정: Celery는 모르는 태스크 id에도 PENDING이라고 답합니다.

증상: 없는 id를 물어도 200과 PENDING이 돌아와, 클라이언트는 끝나지 않을 태스크를 계속 기다립니다.

web: uvicorn unknown_id_is_pending:app
worker: celery -A unknown_id_is_pending:celery_app worker --loglevel INFO --concurrency 1
"""

import os
from uuid import uuid4

from celery import Celery
from fastapi import FastAPI, HTTPException

REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
celery_app = Celery("reports", broker=REDIS_URL, backend=REDIS_URL)


@celery_app.task
def write_report() -> str:
    return "보고서를 썼습니다"


app = FastAPI()


@app.post("/broken")
def start_broken() -> dict[str, str]:
    return {"task_id": write_report.delay().id}


@app.get("/broken")
def broken(task_id: str) -> dict[str, str]:
    return {"status": write_report.AsyncResult(task_id).status}


@app.post("/fixed")
def start_fixed() -> dict[str, str]:
    task_id = str(uuid4())
    # 큐에 넣은 뒤에 적으면, 그사이 실패로 끝난 태스크의 상태를 덮어쓸 수 있습니다.
    celery_app.backend.store_result(task_id, None, "QUEUED")
    write_report.apply_async(task_id=task_id)
    return {"task_id": task_id}


@app.get("/fixed", responses={404: {"description": "모르는 태스크 id"}})
def fixed(task_id: str) -> dict[str, str]:
    status = write_report.AsyncResult(task_id).status
    if status == "PENDING":
        raise HTTPException(404, "모르는 태스크 id입니다. 보관 기간이 지났을 수도 있습니다")
    return {"status": status}
