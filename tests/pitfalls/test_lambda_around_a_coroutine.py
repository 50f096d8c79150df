"""함정 lambda_around_a_coroutine을 고장 난 쪽과 고친 쪽 모두에서 확인합니다."""

import asyncio

import pytest

from conftest import Load, Serve
from harness.asgi import record
from harness.waiting import wait_until

FILE = "01_basic/pitfalls/lambda_around_a_coroutine"


def test_a_lambda_around_a_coroutine_does_nothing_without_an_error(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TASK_SECONDS", "0")
    pitfall = load(FILE)

    with pytest.warns(RuntimeWarning, match="never awaited") as caught:
        asyncio.run(record(pitfall.app, "/broken", events=pitfall.done))
        # 코루틴을 마지막으로 놓는 쪽이 스레드풀의 스레드일 수 있습니다.
        wait_until(lambda: len(caught) > 0, "never awaited 경고")

    assert asyncio.run(pitfall.list_done()) == ["http.response.start", "http.response.body"]


def test_the_server_log_shows_only_the_warning(serve: Serve) -> None:
    server = serve(FILE)

    assert server.client.post("/broken").status_code == 200

    server.wait_for_line("coroutine 'write_notification' was never awaited")
    server.terminate()
    assert "Traceback" not in server.output
    assert "ERROR" not in server.output


def test_an_async_function_with_its_arguments_needs_no_lambda(
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
