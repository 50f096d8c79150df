"""연습 03-3: 메일 서버를 기다리는 동안 데이터베이스 연결을 돌려주게 고치세요.

풀에는 연결이 하나뿐입니다. 지금은 태스크 하나가 메일 서버를 기다리면 다음 요청이 500을 받습니다.
POST /mail-server를 부르면 메일 서버가 답한 것으로 칩니다.

목표:

- 태스크가 메일 서버를 기다리는 동안 GET /pool의 "Current Checked out connections"는 0입니다.
- 그동안에도 POST /orders/{email}은 200으로 답합니다.
- 메일 서버가 답하면 주문의 상태가 "보냄"이 됩니다. 그 전에는 "받음"입니다.
- 풀의 크기는 그대로 1입니다.

실행하기: uv run fastapi dev --port 8001 exercises/03_dependencies/3_give_it_back.py
확인하기: uv run lab check 03-3
"""

import threading
from collections.abc import Iterator
from typing import Annotated

from fastapi import BackgroundTasks, Depends, FastAPI
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

app = FastAPI()
engine = create_engine("sqlite:///receipts.db", pool_size=1, max_overflow=0, pool_timeout=1)
mail_server = threading.Event()


class Base(DeclarativeBase): ...


class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]
    status: Mapped[str]


Base.metadata.create_all(engine)


def get_session() -> Iterator[Session]:
    with Session(engine) as session:
        yield session


# TODO: 요청의 세션은 언제 닫혀야 합니까?
RequestSession = Annotated[Session, Depends(get_session)]


# TODO: 태스크는 무엇을 받아야 합니까? 연결은 언제 필요합니까?
def send_receipt(session: Session, order_id: int) -> None:
    order = session.get_one(Order, order_id)
    print(f"{order.email}에게 영수증을 보냅니다")
    mail_server.wait(timeout=10)
    order.status = "보냄"
    session.commit()


@app.post("/orders/{email}")
def create_order(
    email: str, session: RequestSession, background_tasks: BackgroundTasks
) -> dict[str, int]:
    order = Order(email=email, status="받음")
    session.add(order)
    session.commit()
    background_tasks.add_task(send_receipt, session, order.id)
    return {"order_id": order.id}


@app.get("/orders/{order_id}")
def read_order(order_id: int, session: RequestSession) -> dict[str, str]:
    return {"status": session.get_one(Order, order_id).status}


@app.post("/mail-server")
async def answer_of_the_mail_server() -> None:
    mail_server.set()


@app.get("/pool")
async def read_pool() -> dict[str, str]:
    return {"status": engine.pool.status()}
