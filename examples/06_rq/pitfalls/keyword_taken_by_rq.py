"""함정: enqueue()의 키워드 인자 가운데 일부는 태스크에 가지 않고 RQ가 가져갑니다.

증상: 태스크는 성공했는데 설명(description)이 빈 채로 저장됩니다.

web: uvicorn keyword_taken_by_rq:app
worker: rq worker --serializer json
"""

import os

from fastapi import FastAPI
from redis import Redis
from rq import Queue
from rq.job import Job

redis = Redis.from_url(os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0"))
queue = Queue(connection=redis, serializer="json")
app = FastAPI()
sent: dict[str, Job] = {}


def save_item(name: str, description: str = "") -> str:
    return f"{name}: {description!r}"


@app.post("/broken")
def broken() -> dict[str, str]:
    # description 말고도 meta, retry, job_id, ttl 같은 이름은 RQ의 것입니다.
    sent["broken"] = queue.enqueue(save_item, name="의자", description="나무 의자")
    return {"message": "저장을 시작했습니다"}


@app.post("/fixed")
def fixed() -> dict[str, str]:
    arguments = {"name": "의자", "description": "나무 의자"}
    sent["fixed"] = queue.enqueue(save_item, kwargs=arguments)
    return {"message": "저장을 시작했습니다"}


@app.get("/done")
def list_done() -> dict[str, object]:
    return {name: job.return_value() for name, job in sent.items()}
