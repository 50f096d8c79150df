"""함정: 브로커가 죽어 있으면 async def 안의 .delay()가 이벤트 루프를 멈춥니다.

증상: /broken이 20초 가까이 지나 500으로 끝날 때까지 /ping을 비롯한 모든 요청이 멈춥니다.

web: uvicorn dead_broker_freezes_the_loop:app
"""

import logging
import os

from celery import Celery
from fastapi import FastAPI, HTTPException
from kombu.exceptions import OperationalError

# 기본값은 아무도 듣지 않는 포트입니다. 살아 있는 브로커로 바꾸면 두 경로 모두 바로 답합니다.
DEAD_BROKER_URL = os.environ.get("DEAD_BROKER_URL", "redis://127.0.0.1:1/0")
ONE_RETRY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.1, "interval_max": 0.1}

default_app = Celery("default", broker=DEAD_BROKER_URL, backend=DEAD_BROKER_URL)
celery_app = Celery("fail_fast", broker=DEAD_BROKER_URL, backend=DEAD_BROKER_URL)
celery_app.conf.update(
    broker_transport_options={"socket_timeout": 1, "socket_connect_timeout": 1},
    redis_socket_timeout=1,
    redis_socket_connect_timeout=1,
    result_backend_transport_options={"retry_policy": ONE_RETRY},
    task_publish_retry_policy=ONE_RETRY,
)


def send_report(email: str) -> str:
    return f"{email}: 보고서를 보냈습니다"


send_report_by_default = default_app.task(send_report)
send_report_or_fail_fast = celery_app.task(send_report)

app = FastAPI()
logger = logging.getLogger("uvicorn.error")


@app.post("/broken")
async def broken() -> dict[str, str]:
    logger.info("/broken: .delay()를 부릅니다")
    task = send_report_by_default.delay("user@example.com")
    return {"task_id": task.id}


@app.post("/fixed", responses={503: {"description": "브로커에 연결할 수 없음"}})
def fixed() -> dict[str, str]:
    try:
        task = send_report_or_fail_fast.delay("user@example.com")
    except (OperationalError, RuntimeError) as error:  # 결과 백엔드와 끊기면 RuntimeError입니다.
        message = "작업 큐에 연결할 수 없습니다. 잠시 뒤에 다시 시도하세요"
        raise HTTPException(503, message, headers={"Retry-After": "5"}) from error
    return {"task_id": task.id}


@app.get("/ping")
async def ping() -> dict[str, str]:
    return {"message": "pong"}
