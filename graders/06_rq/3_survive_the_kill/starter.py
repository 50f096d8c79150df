"""연습 06-3: 포인트를 나누어 주다가 죽어도 모두 한 번씩 받게 하세요.

채점기는 태스크가 Redis에 무엇이든 처음 쓴 직후에, 태스크를 실행하는 프로세스(work-horse)를
kill -9로 죽입니다. 처음 쓴 것이 포인트가 아니면, 다른 달에는 포인트를 쓴 직후에 죽입니다.
워커의 명령은 바꿀 수 없습니다.

    rq worker --serializer json

목표:

- 다시 실행되어 세 사람이 모두 100을 받습니다.
- 두 번 받는 사람이 없습니다.
- 받은 포인트는 지금처럼 "points:달"의 사람 칸에 있습니다.

확인하기: uv run lab check 06-3
"""

import os
import time

from fastapi import FastAPI
from redis import Redis
from rq import Queue
from rq.job import Job

REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
STEP_SECONDS = float(os.environ.get("STEP_SECONDS", "2"))
redis = Redis.from_url(REDIS_URL)
database = Redis.from_url(REDIS_URL, decode_responses=True)  # RQ의 연결은 bytes를 받아야 합니다.
queue = Queue(connection=redis, serializer="json")
app = FastAPI()
MEMBERS = ("하나", "두리", "세나")


def give_points(month: str) -> None:
    """회원마다 100포인트를 줍니다."""
    for member in MEMBERS:
        time.sleep(STEP_SECONDS)  # 한 사람에게 걸리는 시간입니다.
        # TODO: 다시 실행되면 이 줄은 무엇을 합니까?
        database.hincrby(f"points:{month}", member, 100)


@app.post("/points/{month}", status_code=202)
def start_points(month: str) -> dict[str, str]:
    """그달의 포인트를 나누어 주게 합니다."""
    # TODO: 실행하던 프로세스가 죽으면 다시 하게 하세요.
    queue.enqueue(give_points, args=(month,), job_id=month)
    return {"message": "포인트를 나누어 줍니다"}


@app.get("/points/{month}")
def read_points(month: str) -> dict[str, object]:
    """태스크의 상태와, 지금까지 받은 포인트입니다."""
    job = Job.fetch(month, connection=redis, serializer="json")
    return {"status": job.get_status(), "points": database.hgetall(f"points:{month}")}
