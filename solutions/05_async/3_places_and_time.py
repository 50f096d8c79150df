"""05-3 쓰기: 한꺼번에 보내는 수와 한 통의 시간에 한도를 둡니다.

자리를 먼저 얻고 그다음에 재기 시작합니다. 포기하면 자리가 나므로 뒤의 메일이 나가고,
시간 초과를 여기에서 끝내므로 같은 요청의 write_log도 실행됩니다.
"""

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


places = asyncio.Semaphore(MAIL_PLACES)


async def send_email(email: str) -> None:
    try:
        async with places, asyncio.timeout(MAIL_SECONDS):
            await deliver(email)
    except TimeoutError:
        print(f"이메일 시간 초과: {email}")


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
