"""함정: yield 의존성에 맡긴 커밋은 응답이 나가고 태스크까지 끝난 뒤에 일어납니다.

증상: POST의 응답으로 받은 번호를 바로 조회하면 404입니다. 태스크도 그 주문을 찾지 못합니다.

web: uvicorn commit_after_the_response:app
"""

import os
import time
from collections.abc import Iterator
from typing import Annotated

from fastapi import BackgroundTasks, Depends, FastAPI, HTTPException
from sqlalchemy import Column, Integer, MetaData, Table, create_engine, insert, select
from sqlalchemy.orm import Session

TASK_SECONDS = float(os.environ.get("TASK_SECONDS", "5"))

app = FastAPI()
engine = create_engine("sqlite:///orders.db")
orders = Table("orders", MetaData(), Column("id", Integer, primary_key=True))
orders.create(engine, checkfirst=True)


def get_session() -> Iterator[Session]:
    with Session(engine) as session:
        yield session
        session.commit()


RequestSession = Annotated[Session, Depends(get_session)]


def send_receipt(order_id: int) -> None:
    with Session(engine) as session:
        found = session.scalar(select(orders.c.id).where(orders.c.id == order_id))
    print(f"태스크가 찾은 {order_id}번 주문: {found}")
    time.sleep(TASK_SECONDS)


@app.post("/broken")
def broken(session: RequestSession, background_tasks: BackgroundTasks) -> dict[str, int]:
    order_id = session.scalars(insert(orders).returning(orders.c.id)).one()
    background_tasks.add_task(send_receipt, order_id)
    return {"order_id": order_id}


@app.post("/fixed")
def fixed(session: RequestSession, background_tasks: BackgroundTasks) -> dict[str, int]:
    order_id = session.scalars(insert(orders).returning(orders.c.id)).one()
    session.commit()
    background_tasks.add_task(send_receipt, order_id)
    return {"order_id": order_id}


@app.get("/orders/{order_id}")
def read_order(order_id: int, session: RequestSession) -> dict[str, int]:
    if session.scalar(select(orders.c.id).where(orders.c.id == order_id)) is None:
        raise HTTPException(404, f"{order_id}번 주문이 없습니다")
    return {"order_id": order_id}
