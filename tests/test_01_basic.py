"""01_basic: 응답이 먼저, 태스크는 그다음."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from fastapi import BackgroundTasks, FastAPI
from fastapi.testclient import TestClient

from conftest import Load, Serve
from harness.asgi import record


def test_the_response_leaves_before_the_task_starts(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    main = load("01_basic/main")
    events: list[str] = []
    monkeypatch.setattr(main, "write_notification", lambda email, message: events.append("task"))

    asyncio.run(record(main.app, "/send-notification/user@example.com", events=events))

    assert events == ["http.response.start", "http.response.body", "task"]


def test_a_def_task_runs_in_another_thread_and_an_async_task_on_the_event_loop() -> None:
    app = FastAPI()
    threads: dict[str, int] = {}

    def task() -> None:
        threads["def"] = threading.get_ident()

    async def async_task() -> None:
        threads["async def"] = threading.get_ident()

    @app.post("/")
    async def add(background_tasks: BackgroundTasks) -> None:
        background_tasks.add_task(task)
        background_tasks.add_task(async_task)

    asyncio.run(record(app, "/"))

    event_loop = threading.get_ident()
    assert threads["async def"] == event_loop
    assert threads["def"] != event_loop


def test_the_answer_and_the_log_line_are_those_of_the_guide(load: Load) -> None:
    response = TestClient(load("01_basic/main").app).post("/send-notification/user@example.com")

    assert (response.status_code, response.json()) == (200, {"message": "알림이 전송될 예정입니다"})
    assert Path("log.txt").read_text(encoding="utf-8") == "user@example.com: 환영합니다!\n"


@pytest.mark.parametrize(
    "address", ["not-an-address", "a%0Aadmin@example.com", "a@b.c%3A%20hi%0Anotification", "@"]
)
def test_what_is_not_an_address_is_refused_in_korean_and_leaves_no_line(
    load: Load, address: str
) -> None:
    response = TestClient(load("01_basic/main").app).post(f"/send-notification/{address}")

    assert response.status_code == 422
    assert "이메일 주소 형식이 아닙니다" in response.json()["detail"][0]["msg"]
    assert not Path("log.txt").exists()


def test_a_hundred_requests_at_once_leave_a_hundred_whole_lines(serve: Serve) -> None:
    server = serve("01_basic/main")
    addresses = [f"user{number}@example.com" for number in range(100)]

    with ThreadPoolExecutor(20) as pool:
        paths = [f"/send-notification/{address}" for address in addresses]
        answers = list(pool.map(server.client.post, paths))
    server.terminate()

    assert {answer.status_code for answer in answers} == {200}
    lines = Path("log.txt").read_text(encoding="utf-8").splitlines()
    assert sorted(lines) == sorted(f"{address}: 환영합니다!" for address in addresses)


def test_only_one_thread_at_a_time_has_the_log_file_open(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    main = load("01_basic/main")
    locked: list[bool] = []

    def look_and_open(*arguments: Any, **options: Any) -> Any:
        locked.append(main.log_lock.locked())
        return open(*arguments, **options)

    monkeypatch.setattr(main, "open", look_and_open, raising=False)
    main.write_notification("user@example.com", "환영합니다!")

    assert locked == [True]
