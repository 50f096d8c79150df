"""오래 걸리는 일을 Celery 워커에 맡기고, 상태를 물어봅니다."""

from typing import Any
from uuid import uuid4

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from kombu.exceptions import OperationalError
from pydantic import BaseModel, JsonValue
from redis.exceptions import RedisError

from celery_worker import celery_app, process_data_task

# 웹은 브로커를 오래 기다리지 않습니다. 워커는 기본값대로 끈기 있게 다시 연결합니다.
ONE_SECOND = {"socket_timeout": 1, "socket_connect_timeout": 1}
ONE_RETRY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.1, "interval_max": 0.1}
# RabbitMQ: 브로커가 메시지를 받았다고 답하기를 1초까지 기다립니다.
CONFIRM: dict[str, Any] = {"confirm_timeout": 1}
celery_app.conf.update(
    broker_connection_timeout=0.7,  # RabbitMQ가 얼면 두 번 기다립니다.
    broker_pool_limit=40,  # 스레드풀의 스레드 수만큼 두어 연결 차례를 기다리지 않게 합니다.
    broker_transport_options={**ONE_SECOND, "confirm_publish": True},
    redis_socket_timeout=1,
    redis_socket_connect_timeout=1,
    result_backend_always_retry=False,
    result_backend_transport_options={"retry_policy": ONE_RETRY},
    task_publish_retry_policy=ONE_RETRY,
)

app = FastAPI(responses={503: {"description": "브로커에 연결할 수 없음"}})


class TaskStatus(BaseModel):
    task_id: str
    status: str
    result: dict[str, int] | None = None
    error: dict[str, str] | None = None


@app.post("/process-data/")
def process_data(data: dict[str, JsonValue]) -> dict[str, str]:
    """데이터 처리를 큐에 넣고 태스크 id를 알려 줍니다."""
    task_id = str(uuid4())
    # 큐에 넣기 전에 적어 두어야 모르는 id와 아직 차례가 오지 않은 id를 구별할 수 있습니다.
    celery_app.backend.store_result(task_id, None, "QUEUED")
    try:
        process_data_task.apply_async((data,), task_id=task_id, **CONFIRM)
    except RuntimeError as error:  # 결과 백엔드와 끊겼을 때 Celery가 내는 예외입니다.
        raise OperationalError(str(error)) from error
    return {"task_id": task_id, "message": "데이터 처리가 시작되었습니다"}


@app.get("/task-status/{task_id}", responses={404: {"description": "모르는 태스크 id"}})
def get_task_status(task_id: str) -> TaskStatus:
    """태스크의 상태를 조회합니다. 실패한 태스크도 200으로 답하고, 이유를 error에 담습니다."""
    meta = celery_app.backend.get_task_meta(task_id, cache=False)
    if meta["status"] == "PENDING":
        raise HTTPException(404, "모르는 태스크 id입니다. 보관 기간(1시간)이 지났을 수도 있습니다")
    if isinstance(meta["result"], BaseException):
        error = {"type": type(meta["result"]).__name__, "message": str(meta["result"])}
        return TaskStatus(task_id=task_id, status=meta["status"], error=error)
    return TaskStatus(task_id=task_id, status=meta["status"], result=meta["result"])


@app.exception_handler(OperationalError)
@app.exception_handler(RedisError)
def explain_unreachable_broker(request: Request, error: Exception) -> JSONResponse:
    """브로커가 답하지 않으면 기다리게 하지 않고 503으로 답합니다."""
    message = "작업 큐에 연결할 수 없습니다. 브로커를 확인하고 잠시 뒤에 다시 시도하세요"
    return JSONResponse({"detail": message}, status_code=503, headers={"Retry-After": "5"})


@app.exception_handler(400)
@app.exception_handler(RequestValidationError)
def explain_invalid_body(request: Request, error: Exception) -> JSONResponse:
    """JSON 객체가 아닌 본문에는 무엇을 보내야 하는지 한국어로 답합니다."""
    message = '본문에 JSON 객체를 보내세요. 예: {"user": 1, "order": 2}'
    detail = [{"loc": ["body"], "type": "json_object", "msg": message}]
    return JSONResponse({"detail": detail}, status_code=422)
