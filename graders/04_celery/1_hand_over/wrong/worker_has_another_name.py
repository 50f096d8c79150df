"""연습 04-1: 보고서 쓰기를 워커에 맡기세요.

지금은 웹이 보고서를 다 쓴 다음에 응답합니다. 워커가 쓰게 바꾸세요.

목표:

- POST /reports/{title}은 큐에 넣기만 하고 202로 답합니다. 워커가 꺼져 있어도 답합니다.
- 응답의 task_id는 그 태스크의 id입니다.
- 워커를 켜면 "제목.txt"가 생깁니다.

확인하기: uv run lab check 04-1
"""

import os
import time
from pathlib import Path

from celery import Celery
from fastapi import FastAPI

REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
tasks_app = Celery("reports", broker=REDIS_URL, backend=REDIS_URL)
app = FastAPI()


@tasks_app.task
def write_report(title: str) -> str:
    """보고서를 씁니다."""
    time.sleep(0.5)  # 오래 걸리는 작업 시뮬레이션
    Path(f"{title}.txt").write_text(f"{title} 보고서", encoding="utf-8")
    return f"{title} 보고서를 썼습니다"


@app.post("/reports/{title}", status_code=202)
def create_report(title: str) -> dict[str, str]:
    """보고서를 쓰게 합니다."""
    return {"task_id": write_report.delay(title).id}
