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

from celery import Celery
from fastapi import FastAPI

REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
celery_app = Celery("exports", broker=REDIS_URL, backend=REDIS_URL)
app = FastAPI()


@celery_app.task
def export(rows: int) -> str:
    """행을 내보냅니다. 내보낼 행이 없으면 ValueError가 발생합니다."""
    if rows < 1:
        raise ValueError("내보낼 행이 없습니다")
    return f"{rows}행을 내보냈습니다"


@app.post("/exports", status_code=202)
def start_export(rows: int) -> dict[str, str]:
    """내보내기를 맡기고 태스크의 id를 알려 줍니다."""
    # TODO: 이 id를 맡았다는 것을 어디에 적어 두어야 합니까?
    return {"task_id": export.delay(rows).id}


@app.get("/exports/{task_id}", response_model=None)
def read_export(task_id: str) -> dict[str, Any]:
    """내보내기의 상태를 알려 줍니다."""
    task = export.AsyncResult(task_id)
    # TODO: 모르는 id와 실패한 태스크를 가려서 답하세요.
    return {"status": task.status, "result": task.result}
