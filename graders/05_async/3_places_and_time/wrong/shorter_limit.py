"""한도를 줄입니다."""

import asyncio
import os
import time

from fastapi import BackgroundTasks, FastAPI

MAIL_PLACES = 3
MAIL_SECONDS = float(os.environ.get("MAIL_SECONDS", "5"))

app = FastAPI()
running: set[str] = set()
counts: list[int] = []
spent: dict[str, float] = {}
log: list[str] = []


async def deliver(email: str) -> None:
    """메일 한 통을 보내고, 함께 실행된 수와 걸린 시간을 적습니다. 이 함수는 고치지 마세요."""
    start = time.monotonic()
    running.add(email)
    counts.append(len(running))
    try:
        await asyncio.sleep(3600 if "slow" in email else 0.01)
    finally:
        running.discard(email)
        spent[email] = time.monotonic() - start


sem = asyncio.Semaphore(MAIL_PLACES)


async def send_email(email: str) -> None:
    async with sem:
        try:
            async with asyncio.timeout(MAIL_SECONDS / 10):
                await deliver(email)
        except TimeoutError:
            print("포기", email)


async def write_log(email: str) -> None:
    log.append(email)


@app.post("/emails/{email}")
async def create_email(email: str, background_tasks: BackgroundTasks) -> dict[str, str]:
    background_tasks.add_task(send_email, email)
    background_tasks.add_task(write_log, email)
    return {"message": "이메일이 백그라운드에서 전송됩니다"}


@app.get("/state")
async def read_state() -> dict[str, object]:
    return {"most": max(counts, default=0), "spent": spent, "log": log}
