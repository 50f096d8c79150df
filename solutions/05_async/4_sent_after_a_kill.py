"""연습 05-4: kill -9로 죽어도 남은 메일을 이어서 보내게 하세요.

지금은 Ctrl+C로 끄면 남은 주소를 적어 두고, 다시 켜면 이어서 보냅니다.
kill -9에는 그럴 틈이 없습니다. 서버는 여러 번 죽을 수 있습니다.

목표:

- POST /campaigns의 응답이 왔을 때, 주소는 모두 mails.db에 커밋되어 있습니다.
- 언제 몇 번을 죽여도, 다시 켜면 outbox.txt에 없는 주소로 모두 보냅니다.
- 다시 켠 서버는 남은 메일을 보내는 동안에도 요청을 받습니다.
- 이미 보낸 주소로 다시 보내지 않습니다. 죽는 순간에 보내던 한 통만 두 번 나갈 수 있습니다.

실행하기: uv run fastapi run --port 8001 exercises/05_async/4_sent_after_a_kill.py
확인하기: uv run lab check 05-4
"""

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
    with database:
        database.executemany("INSERT INTO unsent VALUES (?)", [(email,) for email in emails])
    background_tasks.add_task(send_all, emails)
    return {"emails": len(emails)}
