"""경로 처리 함수에서 세션을 닫습니다."""

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


RequestSession = Annotated[Session, Depends(get_session)]


def send_receipt(order_id: int) -> None:
    with Session(engine) as session:
        email = session.get_one(Order, order_id).email
    print(f"{email}에게 영수증을 보냅니다")
    mail_server.wait(timeout=10)
    with Session(engine) as session:
        session.get_one(Order, order_id).status = "보냄"
        session.commit()


@app.post("/orders/{email}")
def create_order(
    email: str, session: RequestSession, background_tasks: BackgroundTasks
) -> dict[str, int]:
    order = Order(email=email, status="받음")
    session.add(order)
    session.commit()
    order_id = order.id
    session.close()
    background_tasks.add_task(send_receipt, order_id)
    return {"order_id": order_id}


@app.get("/orders/{order_id}")
def read_order(order_id: int, session: RequestSession) -> dict[str, str]:
    return {"status": session.get_one(Order, order_id).status}


@app.post("/mail-server")
async def answer_of_the_mail_server() -> None:
    mail_server.set()


@app.get("/pool")
async def read_pool() -> dict[str, str]:
    return {"status": engine.pool.status()}
