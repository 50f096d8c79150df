"""연습 03-4: 누가 무엇을 했는지 남기는 의존성을 쓰세요.

POST와 DELETE를 부를 때마다 X-User 헤더의 사용자와 한 일을 audit.db에 남깁니다.

목표:

- 사용자 kim이 주문하고 취소하면 GET /audit이 ["kim POST /orders", "kim DELETE /orders"]입니다.
- 기록은 태스크가 자기 연결로 남깁니다. 응답은 기록을 기다리지 않습니다.
- 기록은 영수증보다 먼저 남습니다. 영수증이 "기록 1건 뒤의 영수증"처럼 셉니다.
- 경로 처리 함수의 본문에는 한 줄도 더하지 않습니다.

실행하기: uv run fastapi dev --port 8001 exercises/03_dependencies/4_audit_dependency.py
확인하기: uv run lab check 03-4
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Annotated

from fastapi import BackgroundTasks, Depends, FastAPI, Header, Request

app = FastAPI()


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
    request: Request, x_user: Annotated[str, Header()], background_tasks: BackgroundTasks
) -> None:
    """모든 주문 요청에 감사 기록을 남기는 의존성입니다."""
    background_tasks.add_task(write_audit, x_user, f"{request.method} {request.url.path}")


def send_receipt() -> None:
    with closing(connect()) as connection:
        print(f"기록 {len(read_messages(connection))}건 뒤의 영수증")


@app.post("/orders", dependencies=[Depends(audit)])
def create_order(background_tasks: BackgroundTasks) -> dict[str, str]:
    background_tasks.add_task(send_receipt)
    return {"message": "주문을 받았습니다"}


@app.delete("/orders", dependencies=[Depends(audit)])
def cancel_order() -> dict[str, str]:
    return {"message": "주문을 취소했습니다"}


@app.get("/audit")
def list_audit(connection: RequestConnection) -> list[str]:
    return read_messages(connection)
