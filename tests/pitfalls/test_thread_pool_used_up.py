"""함정 thread_pool_used_up을 고장 난 쪽과 고친 쪽 모두에서 확인합니다."""

import httpx
import pytest
from fastapi.testclient import TestClient

from conftest import Load, Serve
from harness.processes import WebServer
from harness.waiting import wait_until

FILE = "05_async/pitfalls/thread_pool_used_up"
# 테스트가 끝날 때까지 태스크가 스레드를 놓지 않게 합니다.
ENDLESS = {"TASK_SECONDS": "600"}
# 테스트를 마칠 때 서버가 그 태스크를 기다리지 않게 합니다.
AT_ONCE = ["--timeout-graceful-shutdown", "0"]


def post_forty_times(server: WebServer, path: str) -> None:
    for _ in range(40):
        assert server.client.post(path).status_code == 200


def test_forty_def_tasks_leave_no_thread_for_a_def_endpoint(serve: Serve) -> None:
    server = serve(FILE, ENDLESS, AT_ONCE)
    assert server.client.get("/hello").status_code == 200

    post_forty_times(server, "/broken")

    full = {"shared": "40/40", "email": "0/5"}
    wait_until(lambda: server.client.get("/threads").json() == full, "가득 찬 스레드풀")
    with pytest.raises(httpx.ReadTimeout):
        server.client.get("/hello", timeout=0.5)


def test_tasks_with_their_own_limiter_leave_the_thread_pool_to_the_endpoints(serve: Serve) -> None:
    server = serve(FILE, ENDLESS, AT_ONCE)

    post_forty_times(server, "/fixed")

    own = {"shared": "0/40", "email": "5/5"}
    wait_until(lambda: server.client.get("/threads").json() == own, "가득 찬 메일 스레드")
    assert server.client.get("/hello").status_code == 200


def test_the_threads_are_free_again_when_the_tasks_have_ended(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TASK_SECONDS", "0")
    client = TestClient(load(FILE).app)

    assert client.post("/broken").json() == client.post("/fixed").json()

    assert client.get("/hello").json() == {"message": "안녕하세요"}
    assert client.get("/threads").json() == {"shared": "0/40", "email": "0/5"}
