"""함정 dead_broker_freezes_the_loop를 고장 난 쪽과 고친 쪽 모두에서 확인합니다."""

import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import httpx
import pytest

from conftest import Serve, StartWorker
from harness.services import Valkey
from harness.waiting import wait_until

pytestmark = pytest.mark.measured

FILE = "04_celery/pitfalls/dead_broker_freezes_the_loop"
LESS_THAN_THE_DEFAULT_19_SECONDS = 15


def redis_url(port: int) -> dict[str, str]:
    return {"DEAD_BROKER_URL": f"redis://127.0.0.1:{port}/0"}


def test_a_dead_broker_leaves_every_other_request_unanswered(serve: Serve, dead_port: int) -> None:
    server = serve(FILE, redis_url(dead_port))
    assert server.client.get("/ping").json() == {"message": "pong"}

    with ThreadPoolExecutor() as pool:
        broken = pool.submit(server.client.post, "/broken")
        server.wait_for_line("/broken: .delay()를 부릅니다")
        with pytest.raises(httpx.ReadTimeout):
            server.client.get("/ping", timeout=1)
        server.kill()

    # 응답 없이 끊겼습니다. 스스로 끝날 때까지는 20초 가까이 걸립니다.
    assert isinstance(broken.exception(), httpx.RemoteProtocolError | httpx.ReadError)


def test_a_def_endpoint_that_fails_fast_answers_503_in_korean(serve: Serve, dead_port: int) -> None:
    server = serve(FILE, redis_url(dead_port))

    answer = server.client.post("/fixed", timeout=LESS_THAN_THE_DEFAULT_19_SECONDS)

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert answer.json() == {"detail": "작업 큐에 연결할 수 없습니다. 잠시 뒤에 다시 시도하세요"}


def test_a_def_endpoint_waits_for_the_broker_outside_the_event_loop(serve: Serve) -> None:
    answered: list[str] = []
    with closing(socket.create_server(("127.0.0.1", 0))) as silent_broker:
        silent_broker.settimeout(20)
        server = serve(FILE, redis_url(silent_broker.getsockname()[1]))

        with ThreadPoolExecutor() as pool:
            fixed = pool.submit(server.client.post, "/fixed")
            fixed.add_done_callback(lambda _: answered.append("/fixed"))
            connection, _ = silent_broker.accept()
            server.client.get("/ping")
            answered.append("/ping")
            connection.close()
            silent_broker.close()

    assert answered == ["/ping", "/fixed"]
    assert fixed.result().status_code == 503


def test_the_queue_takes_the_task_again_as_soon_as_the_broker_is_back(
    serve: Serve, start_worker: StartWorker, valkey: Valkey
) -> None:
    server = serve(FILE, redis_url(valkey.port))
    for path in ("/broken", "/fixed"):
        assert server.client.post(path).status_code == 200

    valkey.stop()
    assert [server.client.post("/fixed").status_code for _ in range(2)] == [503, 503]

    valkey.start()
    assert server.client.post("/fixed").status_code == 200

    worker = start_worker(f"{FILE}:celery_app", redis_url(valkey.port))
    wait_until(lambda: worker.output.count("보고서를 보냈습니다") == 3, "워커가 마친 태스크 세 개")
