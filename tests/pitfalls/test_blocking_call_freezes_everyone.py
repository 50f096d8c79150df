"""함정 blocking_call_freezes_everyone을 고장 난 쪽과 고친 쪽 모두에서 확인합니다."""

import pytest
from fastapi.testclient import TestClient

from conftest import Load, Serve

FILE = "05_async/pitfalls/blocking_call_freezes_everyone"
# 테스트가 끝날 때까지 태스크가 끝나지 않게 합니다.
ENDLESS = {"TASK_SECONDS": "600"}
# 테스트를 마칠 때 서버가 그 태스크를 기다리지 않게 합니다.
AT_ONCE = ["--timeout-graceful-shutdown", "0"]


def test_a_blocking_async_task_makes_other_requests_wait_until_it_ends(serve: Serve) -> None:
    server = serve(FILE, {"TASK_SECONDS": "0.5"})

    server.client.post("/broken")

    assert server.client.get("/ping").json() == ["broken 태스크 끝", "ping"]


def test_a_def_task_leaves_the_event_loop_free_to_answer(serve: Serve) -> None:
    server = serve(FILE, ENDLESS, AT_ONCE)

    server.client.post("/fixed")

    assert server.client.get("/ping").json() == ["ping"]


def test_both_tasks_finish_their_work(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TASK_SECONDS", "0")
    client = TestClient(load(FILE).app)

    client.post("/broken")
    client.post("/fixed")

    assert client.get("/ping").json() == ["broken 태스크 끝", "fixed 태스크 끝", "ping"]
