"""연습 04-2: 태스크의 상태를 사실대로 답하게 고치세요.

GET /exports/{task_id}가 둘을 숨깁니다.
맡긴 적 없는 id에도 PENDING이라고 답하고, 실패한 까닭은 {}로 답합니다.

목표:

- 맡긴 적 없는 id: 404
- 차례를 기다리는 태스크: 200. status의 값은 여러분이 정하세요.
- 실패한 태스크: 200, {"status": "FAILURE", "error": {"type": "ValueError", "message": "…"}}
- 끝난 태스크: 200, {"status": "SUCCESS", "result": "…"}

확인하기: uv run lab check 04-2
"""

import os
from typing import Any
from uuid import uuid4

from celery import Celery
from fastapi import FastAPI, HTTPException

REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
celery_app = Celery("exports", broker=REDIS_URL, backend=REDIS_URL)
app = FastAPI()
known: set[str] = set()


@celery_app.task
def export(rows: int) -> str:
    """행을 내보냅니다. 내보낼 행이 없으면 ValueError가 발생합니다."""
    if rows < 1:
        raise ValueError("내보낼 행이 없습니다")
    return f"{rows}행을 내보냈습니다"


@app.post("/exports", status_code=202)
def start_export(rows: int) -> dict[str, str]:
    """내보내기를 맡기고 태스크의 id를 알려 줍니다."""
    task_id = str(uuid4())
    known.add(task_id)
    export.apply_async((rows,), task_id=task_id)
    return {"task_id": task_id}


@app.get("/exports/{task_id}", responses={404: {"description": "모르는 태스크 id"}})
def read_export(task_id: str) -> dict[str, Any]:
    """내보내기의 상태를 알려 줍니다."""
    meta = celery_app.backend.get_task_meta(task_id)
    if task_id not in known:
        raise HTTPException(404, "모르는 태스크 id입니다")
    if isinstance(meta["result"], BaseException):
        error = {"type": type(meta["result"]).__name__, "message": str(meta["result"])}
        return {"status": meta["status"], "error": error}
    return {"status": meta["status"], "result": meta["result"]}
