"""함정 forgotten_create_task를 고장 난 쪽과 고친 쪽 모두에서 확인합니다."""

import asyncio

import pytest

from conftest import Load, Serve
from harness.asgi import record
from harness.waiting import wait_until

pytestmark = pytest.mark.measured

FILE = "05_async/pitfalls/forgotten_create_task"


def test_a_task_that_nobody_references_disappears_before_it_ends(serve: Serve) -> None:
    server = serve(FILE)

    server.client.post("/broken")

    assert server.client.post("/deposit?amount=1000").json() == {"told": 0}
    server.wait_for_line("Task was destroyed but it is pending!")
    assert server.client.get("/done").json() == []


def test_a_task_kept_in_a_set_ends_and_is_then_let_go(serve: Serve) -> None:
    server = serve(FILE)

    server.client.post("/fixed")

    assert server.client.post("/deposit?amount=1000").json() == {"told": 1}
    wait_until(lambda: server.client.get("/done").json() == ["fixed: 1000원"], "입금 기록")
    assert server.client.post("/deposit?amount=1000").json() == {"told": 0}


def test_the_done_callback_reports_a_failure_that_nobody_awaits(serve: Serve) -> None:
    server = serve(FILE)

    server.client.post("/fixed")
    server.client.post("/deposit?amount=unknown")

    server.wait_for_line("태스크 실패: Task-")
    server.wait_for_line("ValueError: invalid literal for int()")
    assert server.client.get("/done").json() == []


def test_the_done_callback_lets_a_cancelled_task_go_without_a_report(
    load: Load, caplog: pytest.LogCaptureFixture
) -> None:
    pitfall = load(FILE)

    asyncio.run(record(pitfall.app, "/fixed"))  # asyncio.run은 남은 태스크를 취소하고 끝냅니다.

    assert pitfall.running == set()
    assert caplog.messages == []
