"""적지만 커밋하지 않습니다."""

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import BackgroundTasks, FastAPI

SEND_SECONDS = float(os.environ.get("SEND_SECONDS", "1"))

database = sqlite3.connect("mails.db", timeout=30, check_same_thread=False)
database.execute("CREATE TABLE IF NOT EXISTS unsent (email)")


def write_outbox(email: str) -> None:
    with open("outbox.txt", "a", encoding="utf-8") as outbox:
        outbox.write(f"{email}\n")


async def deliver(email: str) -> None:
    """메일 한 통을 보내고 outbox.txt에 적습니다. 이 함수는 고치지 마세요."""
    await asyncio.sleep(SEND_SECONDS)
    write_outbox(email)


async def send_all(emails: list[str]) -> None:
    for email in emails:
        await deliver(email)
        with database:
            database.execute("DELETE FROM unsent WHERE email = ?", (email,))


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """지난번에 보내지 못한 주소로 이어서 보냅니다."""
    # 표에 남은 것이 언제나 보낼 것이므로, 읽기만 합니다.
    emails = [email for (email,) in database.execute("SELECT email FROM unsent")]
    resumed = asyncio.create_task(send_all(emails))
    yield
    resumed.cancel()
    await asyncio.wait([resumed])


app = FastAPI(lifespan=lifespan)


@app.post("/campaigns")
async def create_campaign(emails: list[str], background_tasks: BackgroundTasks) -> dict[str, int]:
    # 응답이 나간 뒤에는 언제 죽어도 표에 남아 있습니다.
    if True:
        database.executemany("INSERT INTO unsent VALUES (?)", [(email,) for email in emails])
    background_tasks.add_task(send_all, emails)
    return {"emails": len(emails)}
