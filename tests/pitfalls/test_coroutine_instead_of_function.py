"""함정 coroutine_instead_of_function을 고장 난 쪽과 고친 쪽 모두에서 확인합니다."""

import asyncio
import gc

import pytest

from conftest import Load, Serve
from harness.asgi import record

FILE = "01_basic/pitfalls/coroutine_instead_of_function"


def test_a_coroutine_never_runs_and_a_type_error_follows_the_response(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TASK_SECONDS", "0")
    pitfall = load(FILE)

    with pytest.warns(RuntimeWarning, match="never awaited"):
        with pytest.raises(TypeError, match="must be callable"):
            asyncio.run(record(pitfall.app, "/broken", events=pitfall.done))
        gc.collect()

    assert asyncio.run(pitfall.list_done()) == ["http.response.start", "http.response.body"]


def test_the_server_log_shows_the_type_error_and_the_warning(serve: Serve) -> None:
    server = serve(FILE)

    assert server.client.post("/broken").status_code == 200

    server.wait_for_line("TypeError: the first argument must be callable")
    server.wait_for_line("coroutine 'write_notification' was never awaited")


def test_an_async_function_that_was_passed_runs_after_the_response(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TASK_SECONDS", "0")
    pitfall = load(FILE)

    asyncio.run(record(pitfall.app, "/fixed", events=pitfall.done))

    assert asyncio.run(pitfall.list_done()) == [
        "http.response.start",
        "http.response.body",
        "fixed@example.com: 환영합니다!",
    ]
