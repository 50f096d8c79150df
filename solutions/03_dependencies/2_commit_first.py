"""연습 03-2: 응답을 받은 클라이언트가 주문을 바로 조회하게 고치세요.

지금은 POST의 응답에 적힌 번호를 조회하면 404입니다. 1초쯤 지나야 보입니다.

목표:

- POST /orders/{item}의 응답이 왔을 때, 그 주문은 이미 커밋되어 있습니다.
- 영수증 태스크가 주문을 찾아 "1번 영수증: 사과"처럼 출력합니다.
- 거절한(409) "품절" 주문은 데이터베이스에 남지 않습니다.

실행하기: uv run fastapi dev --port 8001 exercises/03_dependencies/2_commit_first.py
확인하기: uv run lab check 03-2
"""

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


RequestConnection = Annotated[sqlite3.Connection, Depends(get_connection)]


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
    # 주문을 받기로 정한 다음, 태스크를 등록하기 전에 커밋합니다.
    connection.commit()
    background_tasks.add_task(send_receipt, order_id)
    return {"order_id": order_id}


@app.get("/orders/{order_id}")
def read_order(order_id: int, connection: RequestConnection) -> dict[str, str]:
    item = find_item(connection, order_id)
    if item is None:
        raise HTTPException(404, f"{order_id}번 주문이 없습니다")
    return {"item": item}
