"""오래 걸리는 일을 RQ 워커에 맡기고, 상태를 물어봅니다."""

from typing import Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from redis.exceptions import RedisError
from rq.exceptions import InvalidJobOperation, NoSuchJobError

import jobs
from jobs import TaskStatus

app = FastAPI(responses={503: {"description": "브로커에 연결할 수 없음"}})
NOT_FOUND: dict[int | str, dict[str, Any]] = {404: {"description": "모르는 태스크 id"}}
NOT_FAILED: dict[int | str, dict[str, Any]] = {409: {"description": "실패하지 않은 태스크"}}


@app.post("/process-data/")
def process_data(data: dict[str, Any]) -> dict[str, str]:
    """데이터 처리를 큐에 넣고 태스크 id를 알려 줍니다."""
    return {"task_id": jobs.enqueue(data), "message": "데이터 처리가 시작되었습니다"}


@app.get("/task-status/{task_id}", responses=NOT_FOUND)
def get_task_status(task_id: str) -> TaskStatus:
    """태스크의 상태를 조회합니다. 실패한 태스크도 200으로 답하고, 이유를 error에 담습니다."""
    return jobs.describe(jobs.find(task_id))


@app.get("/failed-tasks/")
def list_failed_tasks() -> list[TaskStatus]:
    """끝내 실패한 태스크를 최근 것부터 보여 줍니다."""
    return [jobs.describe(job) for job in jobs.failed()]


@app.post("/failed-tasks/{task_id}/requeue", responses={**NOT_FOUND, **NOT_FAILED})
def requeue_failed_task(task_id: str) -> dict[str, str]:
    """실패한 태스크를 같은 id로 큐에 다시 넣습니다."""
    job = jobs.find(task_id)
    job.retries_left = jobs.RETRY.max  # 다시 넣은 태스크도 처음처럼 재시도합니다.
    try:
        job.requeue()
    except InvalidJobOperation as error:
        raise HTTPException(409, "실패한 태스크만 다시 넣을 수 있습니다") from error
    return {"task_id": job.id, "message": "태스크를 큐에 다시 넣었습니다"}


@app.exception_handler(NoSuchJobError)
def explain_unknown_id(request: Request, error: Exception) -> JSONResponse:
    """모르는 id에는 404로 답합니다."""
    message = "모르는 태스크 id입니다. 보관 기간(1시간)이 지났을 수도 있습니다"
    return JSONResponse({"detail": message}, status_code=404)


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
