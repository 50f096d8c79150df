"""함정 commit_after_the_response를 고장 난 쪽과 고친 쪽 모두에서 확인합니다."""

from collections.abc import Iterator
from types import ModuleType

import pytest
from fastapi.testclient import TestClient

from conftest import Load, Serve
from harness.waiting import wait_until

FILE = "03_dependencies/pitfalls/commit_after_the_response"
# 테스트가 끝날 때까지 태스크가 끝나지 않게 합니다.
ENDLESS = {"TASK_SECONDS": "600"}
# 테스트를 마칠 때 서버가 그 태스크를 기다리지 않게 합니다.
AT_ONCE = ["--timeout-graceful-shutdown", "0"]


@pytest.fixture
def pitfall(load: Load, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.setenv("TASK_SECONDS", "0")
    module = load(FILE)
    yield module
    module.engine.dispose()


def test_the_client_and_the_task_cannot_see_a_row_committed_on_exit(serve: Serve) -> None:
    server = serve(FILE, ENDLESS, AT_ONCE)

    assert server.client.post("/broken").json() == {"order_id": 1}

    assert server.client.get("/orders/1").status_code == 404
    server.wait_for_line("태스크가 찾은 1번 주문: None")


def test_the_row_appears_only_after_the_task_has_ended(serve: Serve) -> None:
    server = serve(FILE, {"TASK_SECONDS": "0.1"})

    server.client.post("/broken")

    server.wait_for_line("태스크가 찾은 1번 주문: None")
    wait_until(lambda: server.client.get("/orders/1").status_code == 200, "1번 주문의 커밋")


def test_the_client_and_the_task_see_a_row_committed_before_add_task(serve: Serve) -> None:
    server = serve(FILE, ENDLESS, AT_ONCE)

    assert server.client.post("/fixed").json() == {"order_id": 1}

    assert server.client.get("/orders/1").json() == {"order_id": 1}
    server.wait_for_line("태스크가 찾은 1번 주문: 1")


def test_the_test_client_hides_the_late_commit(pitfall: ModuleType) -> None:
    client = TestClient(pitfall.app)

    for path in ("/broken", "/fixed"):
        order_id = client.post(path).json()["order_id"]
        assert client.get(f"/orders/{order_id}").status_code == 200
    assert client.get("/orders/3").json() == {"detail": "3번 주문이 없습니다"}
