"""03_dependencies: 요청의 세션과 태스크의 세션은 따로입니다."""

import asyncio
import sqlite3
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from fastapi import BackgroundTasks, Depends, FastAPI
from fastapi.testclient import TestClient

from conftest import Load, Serve
from harness.asgi import record
from harness.waiting import wait_until

STARTED = {"message": "아이템 처리가 시작되었습니다"}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ITEM_SECONDS", "0")


def status_of(client: httpx.Client, item_id: int) -> str:
    status: str = client.get(f"/items/{item_id}").json()["status"]
    return status


def test_an_item_is_processing_after_the_response_and_done_after_the_task(serve: Serve) -> None:
    client = serve("03_dependencies/main", {"ITEM_SECONDS": "1"}).client

    response = client.post("/items/7")

    assert (response.status_code, response.json()) == (200, STARTED)
    assert client.get("/items/7").json() == {"item_id": 7, "status": "처리 중"}
    wait_until(lambda: status_of(client, 7) == "완료", "완료")


def test_the_item_is_committed_before_the_response_and_the_task_uses_another_session(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    main = load("03_dependencies/main")
    events: list[str] = []
    sessions: list[object] = []

    class Database(main.Database):  # type: ignore[name-defined, misc]
        def __init__(self) -> None:
            super().__init__()
            sessions.append(self)

        def save_status(self, item_id: int, status: str) -> None:
            super().save_status(item_id, status)
            with sqlite3.connect("items.db") as other:
                (status,) = other.execute("SELECT status FROM items").fetchone()
            other.close()
            events.append(f"committed {status}")

    monkeypatch.setattr(main, "Database", Database)
    asyncio.run(record(main.app, "/items/1", events=events))

    assert events == [
        "committed 처리 중",
        "http.response.start",
        "http.response.body",
        "committed 완료",
    ]
    assert len(sessions) == 2


def test_tasks_of_a_dependency_and_of_the_endpoint_are_one_list_in_the_order_of_adding() -> None:
    app = FastAPI()
    events: list[str] = []

    def add_in_dependency(background_tasks: BackgroundTasks) -> None:
        background_tasks.add_task(events.append, "task of the dependency")

    @app.post("/", dependencies=[Depends(add_in_dependency)])
    def add(background_tasks: BackgroundTasks) -> None:
        background_tasks.add_task(events.append, "task of the endpoint")

    asyncio.run(record(app, "/", events=events))

    assert events[2:] == ["task of the dependency", "task of the endpoint"]


def test_an_item_that_was_never_made_is_not_found(load: Load) -> None:
    response = TestClient(load("03_dependencies/main").app).get("/items/404")

    assert response.status_code == 404
    assert response.json()["detail"] == "404번 아이템이 없습니다. 먼저 POST로 만드세요"


@pytest.mark.parametrize("item_id", [0, -1, 2**63 - 1, -(2**63)])
def test_any_64_bit_integer_is_an_item(load: Load, item_id: int) -> None:
    client = TestClient(load("03_dependencies/main").app)

    assert client.post(f"/items/{item_id}").json() == STARTED
    assert client.get(f"/items/{item_id}").json() == {"item_id": item_id, "status": "완료"}


@pytest.mark.parametrize("item_id", [str(2**63), str(-(2**63) - 1), "9" * 5000, "one", "1.5"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_is_not_a_64_bit_integer_is_refused_in_korean(
    load: Load, method: str, item_id: str
) -> None:
    client = TestClient(load("03_dependencies/main").app)

    response = client.request(method, f"/items/{item_id}")

    assert response.status_code == 422
    assert "정수를 적으세요" in response.json()["detail"][0]["msg"]


def test_a_hundred_items_at_once_are_all_done(serve: Serve) -> None:
    client = serve("03_dependencies/main").client

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda number: client.post(f"/items/{number}"), range(100)))

    assert {answer.status_code for answer in answers} == {200}

    def are_done() -> bool:
        return all(status_of(client, number) == "완료" for number in range(100))

    wait_until(are_done, "아이템 백 개의 완료")
