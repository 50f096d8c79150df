"""함정 failure_stops_the_rest를 고장 난 쪽과 고친 쪽 모두에서 확인합니다."""

import asyncio
from contextlib import closing
from http.client import HTTPConnection

import pytest
from fastapi import BackgroundTasks, FastAPI, HTTPException

from conftest import Load, Serve
from harness.asgi import record

FILE = "02_multiple/pitfalls/failure_stops_the_rest"


def test_a_failing_task_stops_the_ones_after_it(load: Load) -> None:
    pitfall = load(FILE)
    events: list[str] = []

    with pytest.raises(ConnectionError):
        asyncio.run(record(pitfall.app, "/broken", events=events))

    assert events == ["http.response.start", "http.response.body"]
    assert pitfall.list_done() == []


def test_a_task_that_keeps_its_failure_to_itself_lets_the_rest_run(load: Load) -> None:
    pitfall = load(FILE)

    events = asyncio.run(record(pitfall.app, "/fixed"))

    assert events == ["http.response.start", "http.response.body"]
    assert pitfall.list_done() == ["fixed: 기록"]


def test_after_a_failing_task_the_server_closes_the_connection_of_the_200(serve: Serve) -> None:
    # 쉬는 연결을 uvicorn이 스스로 닫는 일과 헷갈리지 않게 합니다.
    url = serve(FILE, options=["--timeout-keep-alive", "600"]).client.base_url

    with closing(HTTPConnection(url.host, url.port, timeout=10)) as connection:
        for path in ("/fixed", "/fixed", "/broken"):
            connection.request("POST", path)
            with connection.getresponse() as response:
                assert response.status == 200
                response.read()
            if path == "/fixed":
                first = connection.sock
        assert connection.sock is first
        assert connection.sock.recv(1) == b""


def test_an_http_exception_in_a_task_does_not_become_a_response() -> None:
    app = FastAPI()
    events: list[str] = []

    def refuse() -> None:
        raise HTTPException(404)

    @app.post("/")
    def add(background_tasks: BackgroundTasks) -> None:
        background_tasks.add_task(refuse)

    with pytest.raises(RuntimeError, match="response already started"):
        asyncio.run(record(app, "/", events=events))

    assert events == ["http.response.start", "http.response.body"]
