"""함정: 서버를 종료하면 비동기 태스크는 하던 일의 중간에서 취소됩니다.

증상: Ctrl+C로 끄면 메일이 몇 통만 나가고, 서버를 다시 켜도 나머지는 나가지 않습니다.

web: uvicorn cancelled_at_shutdown:app --timeout-graceful-shutdown 1
"""

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import BackgroundTasks, FastAPI

SEND_SECONDS = float(os.environ.get("SEND_SECONDS", "0.5"))

database = sqlite3.connect("unsent.db", check_same_thread=False)
database.execute("CREATE TABLE IF NOT EXISTS unsent (email)")


async def send_all(emails: list[str]) -> None:
    while emails:
        await asyncio.sleep(SEND_SECONDS)
        print("보낸 메일:", emails.pop(0))


async def send_all_or_keep_rest(emails: list[str]) -> None:
    """취소되면 아직 보내지 않은 주소를 남기고, 취소는 그대로 알립니다."""
    try:
        await send_all(emails)
    except asyncio.CancelledError:
        with database:
            database.executemany("INSERT INTO unsent VALUES (?)", [(email,) for email in emails])
        raise


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """지난번에 남긴 주소로 이어서 보냅니다."""
    with database:
        emails = [email for (email,) in database.execute("SELECT email FROM unsent")]
        database.execute("DELETE FROM unsent")
    resumed = asyncio.create_task(send_all_or_keep_rest(emails))
    yield
    resumed.cancel()
    await asyncio.wait([resumed])


app = FastAPI(lifespan=lifespan)


@app.post("/broken")
async def broken(background_tasks: BackgroundTasks) -> None:
    background_tasks.add_task(send_all, [f"broken{n}@example.com" for n in range(20)])


@app.post("/fixed")
async def fixed(background_tasks: BackgroundTasks) -> None:
    background_tasks.add_task(send_all_or_keep_rest, [f"fixed{n}@example.com" for n in range(20)])
