"""함정 exception_drops_the_tasks를 고장 난 쪽과 고친 쪽 모두에서 확인합니다."""

import pytest
from fastapi import BackgroundTasks, FastAPI
from fastapi.testclient import TestClient

from conftest import Load

FILE = "01_basic/pitfalls/exception_drops_the_tasks"


def test_a_raised_404_drops_the_task_that_was_added_before_it(load: Load) -> None:
    client = TestClient(load(FILE).app)

    response = client.post("/broken/nobody@example.com")

    assert (response.status_code, response.json()) == (404, {"detail": "등록되지 않은 주소입니다"})
    assert client.get("/log").json() == []


def test_a_returned_404_runs_its_task(load: Load) -> None:
    client = TestClient(load(FILE).app)

    response = client.post("/fixed/nobody@example.com")

    assert (response.status_code, response.json()) == (404, {"detail": "등록되지 않은 주소입니다"})
    assert client.get("/log").json() == ["nobody@example.com: fixed: 비밀번호 재설정 요청"]


@pytest.mark.parametrize("half", ["broken", "fixed"])
def test_without_an_error_both_run_their_task(load: Load, half: str) -> None:
    client = TestClient(load(FILE).app)

    response = client.post(f"/{half}/user@example.com")

    assert (response.status_code, response.json()) == (200, {"message": "알림이 전송될 예정입니다"})
    assert client.get("/log").json() == [f"user@example.com: {half}: 비밀번호 재설정 요청"]


def test_any_exception_of_the_endpoint_drops_its_tasks() -> None:
    app = FastAPI()
    ran: list[str] = []

    @app.post("/")
    def fail(background_tasks: BackgroundTasks) -> None:
        background_tasks.add_task(ran.append, "task")
        raise ValueError("예상하지 못한 오류")

    response = TestClient(app, raise_server_exceptions=False).post("/")

    assert response.status_code == 500
    assert ran == []
