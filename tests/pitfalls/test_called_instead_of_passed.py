"""함정 called_instead_of_passed를 고장 난 쪽과 고친 쪽 모두에서 확인합니다."""

import asyncio

import pytest

from conftest import Load
from harness.asgi import record

FILE = "01_basic/pitfalls/called_instead_of_passed"


def test_a_called_function_runs_before_the_response_and_a_type_error_follows_it(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TASK_SECONDS", "0")
    pitfall = load(FILE)

    with pytest.raises(TypeError, match="must be callable"):
        asyncio.run(record(pitfall.app, "/broken", events=pitfall.done))

    assert pitfall.list_done() == [
        "broken@example.com: 환영합니다!",
        "http.response.start",
        "http.response.body",
    ]


def test_a_passed_function_runs_after_the_response(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TASK_SECONDS", "0")
    pitfall = load(FILE)

    asyncio.run(record(pitfall.app, "/fixed", events=pitfall.done))

    assert pitfall.list_done() == [
        "http.response.start",
        "http.response.body",
        "fixed@example.com: 환영합니다!",
    ]
