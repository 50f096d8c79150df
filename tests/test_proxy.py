"""프록시: 요청과 응답을 바꾸지 않고, 예제가 답하지 않아도 멈추지 않습니다."""

import re
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.testclient import TestClient

from harness.waiting import wait_until
from lab import proxy
from lab.services import free_port

HELLO = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Example: 1\r\n\r\nhello"


def app_before(url: str) -> FastAPI:
    """`/run/x/…`를 `url`로 넘기는 앱입니다."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with proxy.make_client() as app.state.client:
            yield

    app = FastAPI(lifespan=lifespan)

    @app.api_route("/run/x/{path:path}", methods=["GET", "POST"])
    async def run(request: Request) -> Response:
        target: Any = SimpleNamespace(url=url)
        return await proxy.forward(request.app.state.client, request, target, lambda: None)

    return app


@contextmanager
def browser_before(url: str) -> Iterator[TestClient]:
    """`/run/x/…`를 `url`로 넘기는 앱의 클라이언트입니다."""
    with TestClient(app_before(url)) as client:
        yield client


@contextmanager
def served(app: FastAPI) -> Iterator[httpx.Client]:
    """앱을 실제 uvicorn으로 제공합니다. TestClient는 응답을 다 모은 다음에 돌려줍니다."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        wait_until(lambda: server.started, "uvicorn의 시작")
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def server_that_answers(answer: bytes | None) -> Iterator[tuple[str, list[bytes]]]:
    """연결 하나를 받아 `answer`를 보내고 끊는 서버입니다. None이면 아무것도 보내지 않습니다."""
    received: list[bytes] = []
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection, connection.makefile("rb") as request:
                head = b"".join(iter(request.readline, b"\r\n"))
                length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
                received.append(head + b"\r\n" + request.read(int(length[1]) if length else 0))
                if answer is None:
                    request.read(1)
                else:
                    connection.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", received
        thread.join(10)


def test_path_query_headers_and_body_arrive_unchanged() -> None:
    with server_that_answers(HELLO) as (url, received), browser_before(url) as browser:
        answer = browser.post(
            "/run/x/a%2Fb/%ED%95%9C?q=%2B&q=2", content=b"body", headers={"X-Learner": "1"}
        )

    assert (answer.status_code, answer.content) == (200, b"hello")
    assert answer.headers["x-example"] == "1"
    request = received[0]
    assert request.startswith(b"POST /a%2Fb/%ED%95%9C?q=%2B&q=2 HTTP/1.1\r\n")
    assert b"x-learner: 1\r\n" in request.lower()
    assert b"host: testserver\r\n" in request.lower()
    assert request.endswith(b"\r\n\r\nbody")


def test_each_request_has_a_connection_of_its_own() -> None:
    """태스크가 예외를 내면 예제는 연결을 닫으므로, 그 연결로는 다음 요청을 보낼 수 없습니다."""

    def serve(server: socket.socket) -> None:
        for _ in range(2):
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(HELLO)
                connection.recv(1)

    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        threading.Thread(target=serve, args=[server], daemon=True).start()
        with browser_before(f"http://127.0.0.1:{server.getsockname()[1]}") as browser:
            answers = [browser.post("/run/x/").status_code for _ in range(2)]

    assert answers == [200, 200]


def test_a_target_that_hangs_is_a_504(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proxy, "READ_SECONDS", 0.2)
    with server_that_answers(None) as (url, _), browser_before(url) as browser:
        answer = browser.get("/run/x/")

    assert answer.status_code == 504
    assert "0.2초 안에 답하지 않았습니다" in answer.json()["detail"]


def test_a_target_that_is_dead_is_a_502() -> None:
    with browser_before(f"http://127.0.0.1:{free_port()}") as browser:
        answer = browser.get("/run/x/")

    assert answer.status_code == 502
    assert "웹 프로세스가 답하지 않습니다" in answer.json()["detail"]


def test_a_target_that_dies_before_it_answers_is_a_502_and_the_request_is_not_sent_again() -> None:
    with server_that_answers(b"") as (url, received), browser_before(url) as browser:
        answer = browser.get("/run/x/")

    assert answer.status_code == 502
    assert len(received) == 1


def test_a_target_that_dies_between_head_and_body_is_a_502() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
    with server_that_answers(head) as (url, _), browser_before(url) as browser:
        answer = browser.get("/run/x/")

    assert answer.status_code == 502


def test_an_answer_of_unknown_length_arrives_whole() -> None:
    chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
    with server_that_answers(chunks) as (url, _), browser_before(url) as browser:
        answer = browser.get("/run/x/")

    assert (answer.status_code, answer.content) == (200, b"hello")


def test_a_body_that_is_too_large_is_a_413(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proxy, "MAX_BODY_BYTES", 10)
    with browser_before("http://127.0.0.1:1") as browser:
        answer = browser.post("/run/x/", content=b"x" * 11)

    assert answer.status_code == 413
    assert "10바이트보다 큽니다" in answer.json()["detail"]


def test_an_answer_is_passed_on_as_it_comes_and_breaks_where_the_target_dies(
    caplog: pytest.LogCaptureFixture,
) -> None:
    proxy.tell_broken_answers()
    received, arrived = threading.Event(), b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"
    with closing(socket.create_server(("127.0.0.1", 0))) as target:

        def answer_half() -> None:
            connection, _ = target.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(arrived)
                received.wait(10)

        thread = threading.Thread(target=answer_half)
        thread.start()
        with served(app_before(f"http://127.0.0.1:{target.getsockname()[1]}")) as browser:
            with browser.stream("GET", "/run/x/") as answer:
                body = answer.iter_raw()
                assert next(body) == b"hello"  # 예제는 아직 나머지를 보내지 않았습니다.
                received.set()
                with pytest.raises(httpx.RemoteProtocolError):
                    next(body)
            thread.join()
            target.close()
            assert browser.get("/run/x/").status_code == 502  # 실습 도구는 살아 있습니다.
    (told,) = [record for record in caplog.records if record.name == "uvicorn.error"]
    assert told.getMessage() == "예제가 응답을 보내다가 끊었습니다: GET /"
    assert told.exc_info is None
