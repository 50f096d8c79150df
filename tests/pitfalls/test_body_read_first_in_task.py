"""함정 body_read_first_in_task를 고장 난 쪽과 고친 쪽 모두에서 확인합니다."""

import pytest
from fastapi.testclient import TestClient

from conftest import Load, Serve
from harness.waiting import wait_until

pytestmark = pytest.mark.measured

FILE = "03_dependencies/pitfalls/body_read_first_in_task"
ORDER = {"item": "사과"}


def test_a_task_cannot_read_the_body_once_the_response_has_left(serve: Serve) -> None:
    server = serve(FILE)

    assert server.client.post("/broken", json=ORDER).status_code == 200

    server.wait_for_line("starlette.requests.ClientDisconnect")
    assert server.client.get("/done").json() == []


def test_a_task_can_use_a_body_that_the_endpoint_declared(serve: Serve) -> None:
    server = serve(FILE)

    assert server.client.post("/fixed", json=ORDER).status_code == 200

    wait_until(lambda: server.client.get("/done").json() == ["fixed: 사과"], "fixed의 기록")


def test_the_test_client_is_falsely_green(load: Load) -> None:
    client = TestClient(load(FILE).app)

    client.post("/broken", json=ORDER)

    assert client.get("/done").json() == ["broken: 사과"]
