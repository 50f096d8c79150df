"""태스크를 async def로 씁니다."""

import asyncio
import os
from pathlib import Path

from celery import Celery
from fastapi import FastAPI

REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
celery_app = Celery("reports", broker=REDIS_URL, backend=REDIS_URL)
app = FastAPI()


@celery_app.task
async def write_report(title: str) -> str:
    """보고서를 씁니다."""
    await asyncio.sleep(0.5)  # 오래 걸리는 작업 시뮬레이션
    Path(f"{title}.txt").write_text(f"{title} 보고서", encoding="utf-8")  # noqa: ASYNC240
    return f"{title} 보고서를 썼습니다"


@app.post("/reports/{title}", status_code=202)
def create_report(title: str) -> dict[str, str]:
    """보고서를 쓰게 합니다."""
    return {"task_id": write_report.delay(title).id}
