"""함정: 세션이 닫힌 뒤에는 태스크가 받은 ORM 객체의 만료된 속성을 읽을 수 없습니다.

증상: 응답은 200인데 메일은 나가지 않고, 로그에 DetachedInstanceError가 나옵니다.

web: uvicorn detached_orm_object:app
"""

from collections.abc import Iterator
from typing import Annotated

from fastapi import BackgroundTasks, Depends, FastAPI
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase): ...


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]


app = FastAPI()
engine = create_engine("sqlite:///users.db")
Base.metadata.create_all(engine)


def get_session() -> Iterator[Session]:
    with Session(engine) as session:
        yield session


FunctionSession = Annotated[Session, Depends(get_session, scope="function")]


def send_welcome(user: User) -> None:
    print(f"{user.email}: 가입을 환영합니다")


@app.post("/broken")
def broken(session: FunctionSession, background_tasks: BackgroundTasks) -> None:
    user = User(email="broken@example.com")
    session.add(user)
    session.commit()  # 커밋하면 속성이 만료되어, 다음에 읽을 때 세션이 다시 조회합니다.
    background_tasks.add_task(send_welcome, user)


def find_and_send_welcome(user_id: int) -> None:
    with Session(engine) as session:
        send_welcome(session.get_one(User, user_id))


@app.post("/fixed")
def fixed(session: FunctionSession, background_tasks: BackgroundTasks) -> None:
    user = User(email="fixed@example.com")
    session.add(user)
    session.commit()
    background_tasks.add_task(find_and_send_welcome, user.id)
