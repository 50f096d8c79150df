"""함정 session_closed_before_task를 고장 난 쪽과 고친 쪽 모두에서 확인합니다."""

import asyncio
import sqlite3

import pytest
from fastapi.testclient import TestClient

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
