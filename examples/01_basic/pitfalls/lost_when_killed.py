"""함정: 프로세스가 죽으면 실행 중이던 태스크는 흔적 없이 사라집니다.

증상: 200을 받은 요청의 알림이, 서버를 다시 시작해도 log.txt에 생기지 않습니다. 오류도 없습니다.

web: uvicorn lost_when_killed:app
"""

import asyncio
import os
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

from fastapi import BackgroundTasks, FastAPI


def write_notification(email: str, message: str) -> None:
    print("알림 시작:", email, flush=True)
    time.sleep(float(os.environ.get("TASK_SECONDS", "5")))
    with Path("log.txt").open("a", encoding="utf-8") as log:
        log.write(f"{email}: {message}\n")


def execute(sql: str, *values: str | int) -> list[tuple[int, str]]:
    with closing(sqlite3.connect("outbox.db")) as db, db:
        return db.execute(sql, values).fetchall()


def deliver(row_id: int, email: str) -> None:
    """적어 둔 일을 하고 나서 지웁니다. 그 사이에 죽으면 한 번 더 하지만, 유실되지는 않습니다."""
    write_notification(email, "환영합니다!")
    execute("DELETE FROM outbox WHERE id = ?", row_id)


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    execute("CREATE TABLE IF NOT EXISTS outbox (id INTEGER PRIMARY KEY, email TEXT)")
    # 요청을 받기 전에 목록을 정해야, 새로 들어온 일을 두 번 하지 않습니다.
    rows = execute("SELECT * FROM outbox")
    resumed = asyncio.gather(*(asyncio.to_thread(deliver, *row) for row in rows))
    yield
    await resumed


app = FastAPI(lifespan=lifespan)


@app.post("/broken")
def broken(background_tasks: BackgroundTasks) -> dict[str, str]:
    background_tasks.add_task(write_notification, "broken@example.com", "환영합니다!")
    return {"message": "알림이 전송될 예정입니다"}


@app.post("/fixed")
def fixed(background_tasks: BackgroundTasks) -> dict[str, str]:
    [row] = execute("INSERT INTO outbox (email) VALUES (?) RETURNING *", "fixed@example.com")
    background_tasks.add_task(deliver, *row)
    return {"message": "알림이 전송될 예정입니다"}
