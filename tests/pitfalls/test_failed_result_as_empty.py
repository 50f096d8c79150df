"""함정 failed_result_as_empty를 고장 난 쪽과 고친 쪽 모두에서 확인합니다."""

from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from conftest import Load, Serve, StartWorker
from harness.processes import WebServer
from harness.waiting import wait_until

FILE = "04_celery/pitfalls/failed_result_as_empty"
pytestmark = [pytest.mark.measured, pytest.mark.usefixtures("valkey")]


@pytest.fixture
def server(serve: Serve, start_worker: StartWorker) -> WebServer:
    start_worker(f"{FILE}:celery_app")
    return serve(FILE)


def ship(server: WebServer, quantity: int) -> dict[str, str]:
    """태스크를 보내고 워커가 끝낼 때까지 기다립니다."""
    query = server.client.post("/ship", params={"quantity": quantity}).json()
    wait_until(lambda: read(server, "/fixed", query)["status"] != "PENDING", "태스크의 끝")
    return dict(query)


def read(server: WebServer, path: str, query: dict[str, str]) -> Any:
    answer = server.client.get(path, params=query)
    assert answer.status_code == 200
    return answer.json()


def test_an_exception_returned_as_the_result_becomes_an_empty_object(server: WebServer) -> None:
    failed = ship(server, quantity=0)
    assert read(server, "/broken", failed) == {"status": "FAILURE", "result": {}}

    succeeded = ship(server, quantity=3)
    assert read(server, "/broken", succeeded)["result"] == "3개를 발송했습니다"


@pytest.mark.filterwarnings("ignore:Call to deprecated setex")  # Celery 안의 호출입니다.
def test_a_declared_return_type_makes_it_500_instead(load: Load) -> None:
    pitfall = load(FILE)
    backend = pitfall.celery_app.backend
    backend.store_result("1", ValueError("수량이 1보다 작습니다: 0"), "FAILURE")
    typed = FastAPI()
    typed.get("/broken")(pitfall.broken)

    client = TestClient(typed, raise_server_exceptions=False)

    assert client.get("/broken", params={"task_id": "1"}).status_code == 500


def test_an_error_field_tells_the_type_and_the_message_of_the_failure(server: WebServer) -> None:
    failed = ship(server, quantity=0)
    assert read(server, "/fixed", failed) == {
        "status": "FAILURE",
        "result": None,
        "error": {"type": "ValueError", "message": "수량이 1보다 작습니다: 0"},
    }

    succeeded = ship(server, quantity=3)
    assert read(server, "/fixed", succeeded) == {
        "status": "SUCCESS",
        "result": "3개를 발송했습니다",
        "error": None,
    }
