"""함정: scope="function"인 의존성의 연결은 태스크가 시작되기 전에 닫힙니다.

증상: 응답은 200인데 기록이 남지 않고, 로그에 닫힌 데이터베이스를 썼다는 예외가 나옵니다.

web: uvicorn session_closed_before_task:app
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Annotated

from fastapi import BackgroundTasks, Depends, FastAPI

app = FastAPI()


def connect() -> sqlite3.Connection:
    # 의존성과 태스크는 서로 다른 스레드에서 실행될 수 있습니다.
    connection = sqlite3.connect("audit.db", check_same_thread=False)
    connection.execute("CREATE TABLE IF NOT EXISTS audit (message)")
    return connection


def get_connection() -> Iterator[sqlite3.Connection]:
    with closing(connect()) as connection:
        yield connection


RequestConnection = Annotated[sqlite3.Connection, Depends(get_connection, scope="function")]


def write_audit(connection: sqlite3.Connection, message: str) -> None:
    with connection:
        connection.execute("INSERT INTO audit VALUES (?)", (message,))


@app.post("/broken")
def broken(connection: RequestConnection, background_tasks: BackgroundTasks) -> dict[str, str]:
    background_tasks.add_task(write_audit, connection, "broken: 로그인")
    return {"message": "로그인했습니다"}


def connect_and_write_audit(message: str) -> None:
    """태스크가 쓸 연결은 태스크가 열고 닫습니다."""
    with closing(connect()) as connection:
        write_audit(connection, message)


@app.post("/fixed")
def fixed(background_tasks: BackgroundTasks) -> dict[str, str]:
    background_tasks.add_task(connect_and_write_audit, "fixed: 로그인")
    return {"message": "로그인했습니다"}


@app.get("/done")
def list_done(connection: RequestConnection) -> list[str]:
    return [message for (message,) in connection.execute("SELECT message FROM audit")]
