"""의존성의 뒷부분을 응답 전에 실행합니다."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Annotated

from fastapi import BackgroundTasks, Depends, FastAPI, HTTPException

app = FastAPI()


def connect() -> sqlite3.Connection:
    connection = sqlite3.connect("orders.db", timeout=30, check_same_thread=False)
    connection.execute("CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, item)")
    return connection


def get_connection() -> Iterator[sqlite3.Connection]:
    with closing(connect()) as connection:
        yield connection
        connection.commit()


RequestConnection = Annotated[sqlite3.Connection, Depends(get_connection, scope="function")]


def find_item(connection: sqlite3.Connection, order_id: int | None) -> str | None:
    row = connection.execute("SELECT item FROM orders WHERE id = ?", (order_id,)).fetchone()
    return row[0] if row else None


def send_receipt(order_id: int | None) -> None:
    with closing(connect()) as connection:
        print(f"{order_id}번 영수증: {find_item(connection, order_id)}")
    time.sleep(1)  # 느린 메일 서버를 기다리는 시간입니다.


@app.post("/orders/{item}")
def create_order(
    item: str, connection: RequestConnection, background_tasks: BackgroundTasks
) -> dict[str, int | None]:
    order_id = connection.execute("INSERT INTO orders (item) VALUES (?)", (item,)).lastrowid
    if item == "품절":
        raise HTTPException(409, "창고에 물건이 없습니다")
    background_tasks.add_task(send_receipt, order_id)
    return {"order_id": order_id}


@app.get("/orders/{order_id}")
def read_order(order_id: int, connection: RequestConnection) -> dict[str, str]:
    item = find_item(connection, order_id)
    if item is None:
        raise HTTPException(404, f"{order_id}번 주문이 없습니다")
    return {"item": item}
