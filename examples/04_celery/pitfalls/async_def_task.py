"""함정: Celery 워커는 async def 태스크를 await하지 않습니다.

증상: 태스크 함수의 본문은 한 줄도 실행되지 않고, 워커 로그에는 EncodeError만 남습니다.

web: uvicorn async_def_task:app
worker: celery -A async_def_task:celery_app worker --loglevel INFO --concurrency 1
"""

import asyncio
import os

import redis
from celery import Celery
from fastapi import FastAPI
from redis.asyncio import Redis

REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
celery_app = Celery("mail", broker=REDIS_URL, backend=REDIS_URL)


async def send_mail(email: str) -> None:
    """비동기 클라이언트로 보냅니다. 클라이언트는 지금 실행 중인 이벤트 루프에서 만듭니다."""
    async with Redis.from_url(REDIS_URL) as client:
        await client.rpush("sent", email)


@celery_app.task
async def send_mail_async(email: str) -> None:
    await send_mail(email)


@celery_app.task
def send_mail_sync(email: str) -> None:
    asyncio.run(send_mail(email))


app = FastAPI()


@app.post("/broken")
def broken() -> dict[str, str]:
    send_mail_async.delay("broken@example.com")
    return {"message": "메일을 보냅니다"}


@app.post("/fixed")
def fixed() -> dict[str, str]:
    send_mail_sync.delay("fixed@example.com")
    return {"message": "메일을 보냅니다"}


@app.get("/done")
def list_done() -> list[str]:
    with redis.Redis.from_url(REDIS_URL, decode_responses=True) as client:
        return list(client.lrange("sent", 0, -1))
