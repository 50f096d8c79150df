"""태스크가 예외를 내지 않고 까닭을 결과로 돌려줍니다."""

import os
from typing import Any
from uuid import uuid4

from celery import Celery
from fastapi import FastAPI, HTTPException

REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
celery_app = Celery("exports", broker=REDIS_URL, backend=REDIS_URL)
app = FastAPI()


@celery_app.task
def export(rows: int) -> str | dict[str, str]:
    """행을 내보냅니다."""
    if rows < 1:
        return {"type": "ValueError", "message": "내보낼 행이 없습니다"}
    return f"{rows}행을 내보냈습니다"


@app.post("/exports", status_code=202)
def start_export(rows: int) -> dict[str, str]:
    """내보내기를 맡기고 태스크의 id를 알려 줍니다."""
    task_id = str(uuid4())
    # 넣은 뒤에 적으면, 그사이 실패로 끝난 태스크의 상태를 덮어쓸 수 있습니다.
    celery_app.backend.store_result(task_id, None, "QUEUED")
    export.apply_async((rows,), task_id=task_id)
    return {"task_id": task_id}


@app.get("/exports/{task_id}", responses={404: {"description": "모르는 태스크 id"}})
def read_export(task_id: str) -> dict[str, Any]:
    """내보내기의 상태를 알려 줍니다."""
    meta = celery_app.backend.get_task_meta(task_id)
    if meta["status"] == "PENDING":
        raise HTTPException(404, "모르는 태스크 id입니다")
    if isinstance(meta["result"], dict):
        return {"status": meta["status"], "error": meta["result"]}
    return {"status": meta["status"], "result": meta["result"]}
