"""흔한 오해마다 테스트 하나. 사이트의 "흔한 오해"가 이 테스트를 근거로 듭니다."""

import asyncio
import gc
import json
import socket
from collections.abc import Iterator
from contextlib import closing
from typing import Annotated, Any
from urllib.parse import urlsplit

import httpx
import pytest
from celery import Celery
from fastapi import BackgroundTasks, Depends, FastAPI, UploadFile
from fastapi.testclient import TestClient
from kombu.exceptions import EncodeError, OperationalError
from pydantic import BaseModel
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import Response

from conftest import Serve
from harness.asgi import record
from harness.services import Valkey

RESPONSE = ["http.response.start", "http.response.body"]
ONE_RETRY = {"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0}


# --8<-- [start:two-apps]
def app_that_calls_or_adds(events: list[str]) -> FastAPI:
    """/called는 함수를 호출하고, /added는 태스크로 등록합니다."""
    app = FastAPI()

    @app.post("/called")
    async def called() -> None:
        events.append("task")

    @app.post("/added")
    async def added(background_tasks: BackgroundTasks) -> None:
        background_tasks.add_task(events.append, "task")

    return app


# --8<-- [end:two-apps]


async def post_with_asgi_transport(app: FastAPI, path: str) -> None:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        await client.post(path)


# --8<-- [start:in-process]
@pytest.mark.parametrize("client", ["TestClient", "ASGITransport"])
def test_an_in_process_client_cannot_tell_a_task_from_a_call(client: str) -> None:
    seen = {}
    for path in ("/called", "/added"):
        events: list[str] = []
        app = app_that_calls_or_adds(events)
        if client == "TestClient":
            TestClient(app).post(path)
        else:
            asyncio.run(post_with_asgi_transport(app, path))
        seen[path] = [*events, "client got the response"]

    assert seen["/called"] == seen["/added"] == ["task", "client got the response"]


# --8<-- [end:in-process]


# --8<-- [start:recorder]
def test_the_recorder_tells_a_task_from_a_call() -> None:
    seen = {}
    for path in ("/called", "/added"):
        events: list[str] = []
        seen[path] = asyncio.run(record(app_that_calls_or_adds(events), path, events=events))

    assert seen == {"/called": ["task", *RESPONSE], "/added": [*RESPONSE, "task"]}


# --8<-- [end:recorder]


def test_a_created_task_does_not_wait_for_the_response() -> None:
    app = FastAPI()
    events: list[str] = []
    running: set[asyncio.Task[None]] = set()

    async def work() -> None:
        events.append("task")

    @app.post("/")
    async def create() -> None:
        task = asyncio.create_task(work())
        running.add(task)
        await asyncio.sleep(0)  # 데이터베이스나 다른 서버를 기다릴 때처럼 차례를 넘깁니다.

    asyncio.run(record(app, "/", events=events))

    assert events == ["task", *RESPONSE]


def test_a_middleware_does_not_hold_the_response_back_until_the_task_ends() -> None:
    events: list[str] = []
    app = app_that_calls_or_adds(events)

    async def pass_on(request: Request, call_next: RequestResponseEndpoint) -> Response:
        return await call_next(request)

    app.add_middleware(BaseHTTPMiddleware, dispatch=pass_on)
    asyncio.run(record(app, "/added", events=events))

    assert events[0] == "http.response.start"
    assert events[-1] == "task"


def test_a_background_task_can_read_the_upload() -> None:
    app = FastAPI()
    read: list[bytes] = []

    async def keep(file: UploadFile) -> None:
        read.append(await file.read())

    @app.post("/")
    async def upload(file: UploadFile, background_tasks: BackgroundTasks) -> None:
        background_tasks.add_task(keep, file)

    request = httpx.Request("POST", "http://test/", files={"file": b"content"})
    body = request.read()
    headers = [(b"content-type", request.headers["content-type"].encode())]
    events = asyncio.run(record(app, "/", headers=headers, body=body))

    assert events == RESPONSE
    assert read == [b"content"]


@pytest.mark.parametrize(
    ("scope", "order"),
    [
        ("request", ["enter", *RESPONSE, "task", "exit"]),
        ("function", ["enter", "exit", *RESPONSE, "task"]),
    ],
)
def test_the_default_dependency_is_closed_after_the_task_and_function_scope_before_the_response(
    scope: Any, order: list[str]
) -> None:
    app = FastAPI()
    events: list[str] = []

    def resource() -> Iterator[None]:
        events.append("enter")
        yield
        events.append("exit")

    @app.post("/")
    def use(
        background_tasks: BackgroundTasks, _: Annotated[None, Depends(resource, scope=scope)]
    ) -> None:
        background_tasks.add_task(events.append, "task")

    asyncio.run(record(app, "/", events=events))

    assert events == order
    assert scope == "function" or Depends(resource).scope is None


def test_a_dependency_of_its_own_scope_is_closed_before_the_one_that_it_depends_on() -> None:
    app = FastAPI()
    events: list[str] = []

    def connection() -> Iterator[None]:
        events.append("connect")
        yield
        events.append("disconnect")

    def session(_: Annotated[None, Depends(connection)]) -> Iterator[None]:
        events.append("open")
        yield
        events.append("close")

    @app.post("/")
    def use(
        background_tasks: BackgroundTasks, _: Annotated[None, Depends(session, scope="function")]
    ) -> None:
        background_tasks.add_task(events.append, "task")

    asyncio.run(record(app, "/", events=events))

    assert events == ["connect", "open", "close", *RESPONSE, "task", "disconnect"]


def test_closing_the_connection_after_the_response_does_not_stop_the_task(serve: Serve) -> None:
    server = serve("05_async/main", {"EMAIL_SECONDS": "0.5"})
    address = urlsplit(server.url)

    with closing(socket.create_connection((address.hostname, address.port))) as connection:
        connection.sendall(b"POST /send-email/user@example.com HTTP/1.1\r\nHost: test\r\n\r\n")
        assert connection.recv(12) == b"HTTP/1.1 200"
    assert "이메일 전송 완료" not in server.output

    server.wait_for_line("이메일 전송 완료: user@example.com")


def test_the_server_does_not_wait_for_a_created_task_at_shutdown(serve: Serve) -> None:
    server = serve("05_async/pitfalls/forgotten_create_task")
    server.client.post("/fixed")  # 입금을 알릴 때까지 끝나지 않는 태스크입니다.

    server.terminate(10)

    assert "Finished server process" in server.output
    assert "fixed:" not in server.output


@pytest.fixture
def celery_app(request: pytest.FixtureRequest) -> Iterator[Celery]:
    """메모리에 큐를 두는 Celery 앱입니다."""
    # 메모리는 테스트끼리 나누어 쓰므로 큐의 이름을 따로 둡니다.
    with Celery(broker="memory://", backend="cache+memory://", set_as_current=False) as app:
        app.conf.task_default_queue = request.node.name
        yield app


def test_delay_to_a_dead_broker_gives_up_with_an_error(dead_port: int) -> None:
    broker = f"redis://127.0.0.1:{dead_port}/0"
    with Celery(broker=broker, set_as_current=False) as app, pytest.raises(OperationalError):
        app.send_task("work")


def test_retry_false_does_not_stop_the_result_backend_from_retrying(dead_port: int) -> None:
    url = f"redis://127.0.0.1:{dead_port}/0"
    with Celery(broker=url, backend=url, set_as_current=False) as app:
        app.conf.result_backend_transport_options = {"retry_policy": ONE_RETRY}
        with pytest.raises(RuntimeError, match="Retry limit exceeded"):
            app.send_task("work", retry=False)


def test_eager_mode_serializes_too(celery_app: Celery) -> None:
    celery_app.conf.task_always_eager = True

    @celery_app.task
    def count(numbers: set[int]) -> int:
        return len(numbers)

    assert count.delay([1, 2]).get() == 2
    with pytest.raises(EncodeError):
        count.delay({1, 2})


class Order(BaseModel):
    id: int


def test_a_pydantic_model_is_sent_as_json_when_the_task_says_pydantic(celery_app: Celery) -> None:
    def number(order: Order) -> int:
        return order.id

    plain = celery_app.task(name="plain")(number)
    typed = celery_app.task(name="typed", pydantic=True)(number)

    with pytest.raises(EncodeError):
        plain.delay(Order(id=7))
    typed.delay(Order(id=7))

    name = celery_app.conf.task_default_queue
    with celery_app.connection_for_read() as connection, connection.SimpleQueue(name) as queue:
        arguments, keywords, _ = json.loads(queue.get(timeout=1).body or "")
    assert [*arguments, *keywords.values()] == [{"id": 7}]
    assert typed({"id": 7}) == 7


def test_exists_does_not_tell_a_queued_task_from_an_unknown_one(celery_app: Celery) -> None:
    queued: Any = celery_app.send_task("work")
    unknown: Any = celery_app.AsyncResult("never-sent")

    assert (queued.exists(), unknown.exists()) == (False, False)


def test_a_result_that_nobody_holds_gives_its_subscription_back(valkey: Valkey) -> None:
    with Celery(broker=valkey.url, backend=valkey.url, set_as_current=False) as app:
        results = [app.send_task("work") for _ in range(10)]
        assert len(valkey.client.pubsub_channels("celery-task-meta-*")) == 10
        assert len(results) == 10

        del results
        gc.collect()

        assert valkey.client.pubsub_channels("celery-task-meta-*") == []
