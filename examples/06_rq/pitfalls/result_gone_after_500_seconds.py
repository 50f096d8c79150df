"""함정: RQ는 성공한 태스크와 그 결과를 500초 뒤에 지웁니다.

증상: 보고서를 만들어 놓고 커피를 마시고 오니 상태 조회가 404로 답합니다.

web: uvicorn result_gone_after_500_seconds:app
worker: rq worker --serializer json --results-ttl 1
"""

# 함정을 바로 보려고 워커의 기본값(--results-ttl 500)을 1초로 줄였습니다.

import os

from fastapi import FastAPI, HTTPException
from redis import Redis
from rq import Queue
from rq.exceptions import NoSuchJobError
from rq.job import Job

redis = Redis.from_url(os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0"))
queue = Queue(connection=redis, serializer="json")
app = FastAPI()


def write_report() -> str:
    return "보고서를 썼습니다"


@app.post("/broken")
def broken() -> dict[str, str]:
    return {"task_id": queue.enqueue(write_report).id}


@app.post("/fixed")
def fixed() -> dict[str, str]:
    # 결과를 찾아갈 시간을 정해서 알려 줍니다. 오래 둘 것은 파일이나 DB에 저장합니다.
    return {"task_id": queue.enqueue(write_report, result_ttl=24 * 3600).id}


@app.get("/status", responses={404: {"description": "모르는 태스크 id"}})
def get_status(task_id: str) -> dict[str, object]:
    try:
        job = Job.fetch(task_id, connection=redis, serializer="json")
    except NoSuchJobError as error:
        raise HTTPException(404, "모르는 태스크 id입니다") from error
    return {"status": job.get_status(refresh=False), "result": job.return_value()}
