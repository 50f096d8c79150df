"""함정: Redis가 잠깐 멈추면 스케줄러가 죽고, 워커는 10분이 지나야 다시 켭니다.

증상: 브로커를 껐다 켠 뒤(stop, start) 보낸 예약 태스크가 scheduled에서 멈춥니다.

web: uvicorn scheduler_dies_with_redis:app
worker_broken: rq worker broken --serializer json --with-scheduler
worker_fixed: rq worker fixed --serializer json --with-scheduler --maintenance-interval 1 --worker-ttl 16
"""  # noqa: E501

# --worker-ttl에서 15를 뺀 시간마다 워커가 깨어나고, 그때 간격(--maintenance-interval)을 봅니다.

import os
from datetime import timedelta

from fastapi import FastAPI
from redis import Redis
from rq import Queue
from rq.job import Job

redis = Redis.from_url(os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0"))
queues = {name: Queue(name, connection=redis, serializer="json") for name in ("broken", "fixed")}
app = FastAPI()
sent: dict[str, Job] = {}


def remind() -> str:
    return "알림을 보냈습니다"


@app.post("/broken")
def broken() -> dict[str, str]:
    sent["broken"] = queues["broken"].enqueue_in(timedelta(seconds=1), remind)
    return {"message": "1초 뒤에 알립니다"}


@app.post("/fixed")
def fixed() -> dict[str, str]:
    sent["fixed"] = queues["fixed"].enqueue_in(timedelta(seconds=1), remind)
    return {"message": "1초 뒤에 알립니다"}


@app.get("/done")
def list_done() -> dict[str, str]:
    return {name: job.get_status() for name, job in sent.items()}
