"""함정 session_closed_before_task를 고장 난 쪽과 고친 쪽 모두에서 확인합니다."""

import asyncio
import sqlite3

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import QueuePool

from conftest import Load
from harness.asgi import record

FILE = "03_dependencies/pitfalls/session_closed_before_task"


def test_a_function_scope_connection_is_closed_before_the_task(load: Load) -> None:
    pitfall = load(FILE)
    events: list[str] = []

    with pytest.raises(sqlite3.ProgrammingError, match="closed database"):
        asyncio.run(record(pitfall.app, "/broken", events=events))

    assert events == ["http.response.start", "http.response.body"]
    assert TestClient(pitfall.app).get("/done").json() == []


def test_a_task_that_opens_its_own_connection_writes_after_the_response(load: Load) -> None:
    pitfall = load(FILE)

    events = asyncio.run(record(pitfall.app, "/fixed"))

    assert events == ["http.response.start", "http.response.body"]
    assert TestClient(pitfall.app).get("/done").json() == ["fixed: 로그인"]


def test_a_closed_sqlalchemy_session_takes_a_new_connection_and_keeps_it() -> None:
    engine = create_engine("sqlite:///audit.db", poolclass=QueuePool)
    pool = engine.pool
    assert isinstance(pool, QueuePool)
    with Session(engine) as session:
        session.scalar(text("SELECT 1"))
    assert pool.checkedout() == 0

    assert session.scalar(text("SELECT 1")) == 1

    assert pool.checkedout() == 1
    session.close()
    engine.dispose()
