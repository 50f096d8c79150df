"""함정 task_pins_a_connection을 고장 난 쪽과 고친 쪽 모두에서 확인합니다."""

from collections.abc import Iterator
from types import ModuleType

import pytest
from fastapi.testclient import TestClient

from conftest import Load, Serve

FILE = "03_dependencies/pitfalls/task_pins_a_connection"
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


def test_a_task_with_the_request_session_starves_the_next_request(serve: Serve) -> None:
    server = serve(FILE, ENDLESS, AT_ONCE)

    assert server.client.post("/broken").status_code == 200

    assert "Checked out connections: 1" in server.client.get("/pool").json()["status"]
    assert server.client.post("/broken").status_code == 500
    server.wait_for_line("QueuePool limit of size 1 overflow 0 reached")


def test_a_task_that_opens_a_short_session_leaves_the_pool_free(serve: Serve) -> None:
    server = serve(FILE, ENDLESS, AT_ONCE)

    for _ in range(3):
        assert server.client.post("/fixed").status_code == 200
        assert "Checked out connections: 0" in server.client.get("/pool").json()["status"]


@pytest.mark.parametrize("path", ["/broken", "/fixed"])
def test_both_tasks_can_query_and_give_the_connection_back(
    pitfall: ModuleType, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    client = TestClient(pitfall.app)

    assert client.post(path).status_code == 200

    assert capsys.readouterr().out.startswith(f"{path.strip('/')} 보고서: 20")
    assert "Checked out connections: 0" in client.get("/pool").json()["status"]
