"""함정: pickle로 읽는 워커는 큐에 쓸 수 있는 누구의 코드든 실행합니다.

증상: 태스크 함수에는 그런 줄이 없는데, 워커의 권한으로 낯선 코드가 실행됩니다.

web: uvicorn pickle_runs_code:app
worker_broken: rq worker broken
worker_fixed: rq worker fixed --serializer json
"""

import os

from fastapi import FastAPI
from redis import Redis
from rq import Queue

REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
redis = Redis.from_url(REDIS_URL)
database = Redis.from_url(REDIS_URL, decode_responses=True)  # RQ의 연결은 bytes를 받아야 합니다.
app = FastAPI()


def write_report(title: str) -> str:
    return f"{title} 보고서를 썼습니다"


class Attack:
    """pickle은 되살릴 때 부를 함수를 데이터 안에 담습니다."""

    def __init__(self, queue: str) -> None:
        self.queue = queue

    def __reduce__(self) -> tuple[object, tuple[str]]:
        code = f"__import__('redis').Redis.from_url({REDIS_URL!r}).sadd('stolen', {self.queue!r})"
        return eval, (code,)


def attack(queue: str) -> None:
    """공격자는 앱의 설정을 따르지 않습니다. 큐에 pickle 데이터를 직접 넣습니다."""
    Queue(queue, connection=redis).enqueue(write_report, Attack(queue))


@app.post("/broken")
def broken() -> dict[str, str]:
    attack("broken")
    return {"message": "보고서를 쓰기 시작했습니다"}


@app.post("/fixed")
def fixed() -> dict[str, str]:
    attack("fixed")
    return {"message": "보고서를 쓰기 시작했습니다"}


@app.get("/stolen")
def list_stolen() -> list[str]:
    return sorted(str(name) for name in database.smembers("stolen"))
