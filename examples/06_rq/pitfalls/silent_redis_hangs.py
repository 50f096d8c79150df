"""함정: Redis(host=...)의 기본값은 답하지 않는 Redis에 여러 번 다시 연결합니다.

증상: 브로커를 얼리면(freeze) /fixed는 바로 503인데, /broken은 스레드를 쥔 채 답하지 않습니다.

web: uvicorn silent_redis_hangs:app
worker: rq worker --serializer json
"""

import os

from fastapi import FastAPI, HTTPException
from redis import Redis
from redis.connection import parse_url
from redis.exceptions import RedisError
from rq import Queue

REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
# RQ의 문서처럼 만든 연결입니다. parse_url은 주소에서 host, port, db를 꺼냅니다.
patient = Queue(connection=Redis(**parse_url(REDIS_URL)), serializer="json")
impatient = Queue(
    connection=Redis.from_url(REDIS_URL, socket_timeout=1, socket_connect_timeout=1, retry=None),
    serializer="json",
)
app = FastAPI()


def send_report(email: str) -> str:
    return f"{email}: 보고서를 보냈습니다"


@app.post("/broken")
def broken() -> dict[str, str]:
    return {"task_id": patient.enqueue(send_report, "user@example.com").id}


@app.post("/fixed", responses={503: {"description": "브로커에 연결할 수 없음"}})
def fixed() -> dict[str, str]:
    try:
        return {"task_id": impatient.enqueue(send_report, "user@example.com").id}
    except RedisError as error:
        message = "작업 큐에 연결할 수 없습니다. 잠시 뒤에 다시 시도하세요"
        raise HTTPException(503, message, headers={"Retry-After": "5"}) from error
