"""연습 01-4: 서버가 죽어도 알림을 잃지 않게 하세요.

알림을 보내는 도중에 kill -9가 옵니다. 다시 시작한 서버는 못다 한 알림을 이어서 보내고,
이미 보낸 알림은 다시 보내지 않아야 합니다. 할 일은 outbox 표에 적어 둡니다.

확인하기: uv run lab check 01-4
"""

import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing

from fastapi import BackgroundTasks, FastAPI


def execute(sql: str, *values: str | int) -> list[tuple[int, str]]:
    """SQL을 실행하고 나온 행을 돌려줍니다. 바뀐 것은 돌아오기 전에 저장됩니다."""
    with closing(sqlite3.connect("outbox.db")) as db, db:
        return db.execute(sql, values).fetchall()


def write_notification(email: str) -> None:
    """0.3초 걸려 알림 한 줄을 log.txt에 덧붙입니다. 이 함수는 고치지 마세요."""
    print("보내는 중:", email)
    time.sleep(0.3)
    with open("log.txt", "a", encoding="utf-8") as log:
        log.write(f"{email}: 환영합니다!\n")


def deliver(row_id: int, email: str) -> None:
    write_notification(email)
    # TODO 2: 보낸 알림의 행을 지우세요.


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    execute("CREATE TABLE IF NOT EXISTS outbox (id INTEGER PRIMARY KEY, email TEXT)")
    # TODO 3: 지난번에 못다 한 행이 있으면 deliver로 보내세요.
    yield


app = FastAPI(lifespan=lifespan)


@app.post("/send/{email}")
def send(email: str, background_tasks: BackgroundTasks) -> dict[str, str]:
    # TODO 1: 응답하기 전에 outbox에 한 행을 적고, write_notification 대신 deliver를 등록하세요.
    background_tasks.add_task(write_notification, email)
    return {"message": "알림이 전송될 예정입니다"}
