"""앱의 모든 경로에 답니다."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Annotated

from fastapi import BackgroundTasks, Depends, FastAPI, Header, Request


def connect() -> sqlite3.Connection:
    connection = sqlite3.connect("audit.db", timeout=30, check_same_thread=False)
    connection.execute("CREATE TABLE IF NOT EXISTS audit (message)")
    return connection


def get_connection() -> Iterator[sqlite3.Connection]:
    with closing(connect()) as connection:
        yield connection


RequestConnection = Annotated[sqlite3.Connection, Depends(get_connection, scope="function")]


def read_messages(connection: sqlite3.Connection) -> list[str]:
    return [message for (message,) in connection.execute("SELECT message FROM audit")]


def write_audit(user: str, action: str) -> None:
    with closing(connect()) as connection, connection:
        connection.execute("INSERT INTO audit VALUES (?)", (f"{user} {action}",))


def audit(
    request: Request, background_tasks: BackgroundTasks, x_user: Annotated[str, Header()] = ""
) -> None:
    """모든 주문 요청에 감사 기록을 남기는 의존성입니다."""
    background_tasks.add_task(write_audit, x_user, f"{request.method} {request.url.path}")


app = FastAPI(dependencies=[Depends(audit)])


def send_receipt() -> None:
    with closing(connect()) as connection:
        print(f"기록 {len(read_messages(connection))}건 뒤의 영수증")


@app.post("/orders")
def create_order(background_tasks: BackgroundTasks) -> dict[str, str]:
    background_tasks.add_task(send_receipt)
    return {"message": "주문을 받았습니다"}


@app.delete("/orders")
def cancel_order() -> dict[str, str]:
    return {"message": "주문을 취소했습니다"}


@app.get("/audit")
def list_audit(connection: RequestConnection) -> list[str]:
    return read_messages(connection)
