"""함정 flush_freezes_the_loop를 고장 난 쪽과 고친 쪽 모두에서 확인합니다."""

from concurrent.futures import Future, ThreadPoolExecutor, wait

import httpx
import pytest

from conftest import Serve
from harness.processes import WebServer

FILE = "07_kafka/pitfalls/flush_freezes_the_loop"
pytestmark = pytest.mark.measured


@pytest.fixture
def server(serve: Serve, dead_port: int, monkeypatch: pytest.MonkeyPatch) -> WebServer:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", f"127.0.0.1:{dead_port}")
    return serve(FILE, {"MESSAGE_TIMEOUT_MS": "1500"})


def ping_until_done(server: WebServer, post: "Future[httpx.Response]") -> list[bool]:
    """POST가 답을 받을 때까지 되풀이해 물은 GET /ping이, 1초 안에 답을 받았는지입니다."""
    answered = []
    while not post.done():
        try:
            server.client.get("/ping", timeout=1)
            answered.append(True)
        except httpx.ReadTimeout:
            answered.append(False)
        wait([post], timeout=0.05)  # 쉬지 않고 물으면 그동안 CPU를 다 씁니다.
    return answered


def test_flush_in_an_async_function_leaves_every_request_without_an_answer(
    server: WebServer,
) -> None:
    with ThreadPoolExecutor(1) as pool:
        post = pool.submit(server.client.post, "/broken")
        answered = ping_until_done(server, post)

    assert post.result().status_code == 200
    assert False in answered


def test_an_awaited_delivery_lets_other_requests_pass_and_reports_the_failure(
    server: WebServer,
) -> None:
    with ThreadPoolExecutor(1) as pool:
        post = pool.submit(server.client.post, "/fixed")
        answered = ping_until_done(server, post)

    assert post.result().status_code == 503
    assert answered
    assert False not in answered
