"""함정: 요청의 세션을 쓰는 태스크는 끝날 때까지 데이터베이스 연결을 붙잡습니다.

증상: 느린 태스크가 도는 동안 풀에 남은 연결이 없어, 다른 요청이 기다리다가 500을 받습니다.

web: uvicorn task_pins_a_connection:app
"""

import os
import time
from collections.abc import Iterator
from typing import Annotated

from fastapi import BackgroundTasks, Depends, FastAPI
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

TASK_SECONDS = float(os.environ.get("TASK_SECONDS", "5"))

app = FastAPI()
engine = create_engine("sqlite:///shop.db", pool_size=1, max_overflow=0, pool_timeout=1)


def get_session() -> Iterator[Session]:
    with Session(engine) as session:
        yield session


RequestSession = Annotated[Session, Depends(get_session)]
FunctionSession = Annotated[Session, Depends(get_session, scope="function")]


def send_report(session: Session) -> None:
    time.sleep(TASK_SECONDS)  # 느린 외부 API를 기다리는 시간입니다.
    print("broken 보고서:", session.scalar(text("SELECT datetime()")))


@app.post("/broken")
def broken(session: RequestSession, background_tasks: BackgroundTasks) -> dict[str, str | None]:
    now = session.scalar(text("SELECT datetime()"))
    background_tasks.add_task(send_report, session)
    return {"requested_at": now}


def send_report_in_own_session() -> None:
    time.sleep(TASK_SECONDS)
    with Session(engine) as session:
        print("fixed 보고서:", session.scalar(text("SELECT datetime()")))


@app.post("/fixed")
def fixed(session: FunctionSession, background_tasks: BackgroundTasks) -> dict[str, str | None]:
    now = session.scalar(text("SELECT datetime()"))
    background_tasks.add_task(send_report_in_own_session)
    return {"requested_at": now}


@app.get("/pool")
def read_pool() -> dict[str, str]:
    return {"status": engine.pool.status()}
