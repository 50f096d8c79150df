"""함정 failure_stops_the_rest를 고장 난 쪽과 고친 쪽 모두에서 확인합니다."""

import asyncio

import pytest

from conftest import Load
from harness.asgi import record

FILE = "02_multiple/pitfalls/failure_stops_the_rest"


def test_a_failing_task_stops_the_ones_after_it(load: Load) -> None:
    pitfall = load(FILE)
    events: list[str] = []

    with pytest.raises(ConnectionError):
        asyncio.run(record(pitfall.app, "/broken", events=events))

    assert events == ["http.response.start", "http.response.body"]
    assert pitfall.list_done() == []


def test_a_task_that_keeps_its_failure_to_itself_lets_the_rest_run(load: Load) -> None:
    pitfall = load(FILE)

    events = asyncio.run(record(pitfall.app, "/fixed"))

    assert events == ["http.response.start", "http.response.body"]
    assert pitfall.list_done() == ["fixed: 기록"]
