"""함정 silent_redis_hangs를 고장 난 쪽과 고친 쪽 모두에서 확인합니다."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from fastapi.testclient import TestClient

from conftest import Load, Serve, StartRQWorker
from harness.services import Valkey
from harness.waiting import wait_until

NAME = "silent_redis_hangs"
FILE = f"06_rq/pitfalls/{NAME}"
LONGER_THAN_ONE_TRY = 6  # redis-py의 기본 socket_timeout은 5초입니다.


def test_by_default_a_frozen_broker_is_tried_again_and_again_while_the_limited_queue_is_503(
    serve: Serve, valkey: Valkey
) -> None:
    server = serve(FILE)
    valkey.process.freeze()

    with ThreadPoolExecutor() as pool:
        broken = pool.submit(server.client.post, "/broken", timeout=LONGER_THAN_ONE_TRY)
        answer = server.client.post("/fixed", timeout=3)
        with pytest.raises(httpx.ReadTimeout):
            broken.result()
    server.kill()  # 아직 기다리는 스레드와 함께 끝냅니다.

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert answer.json() == {"detail": "작업 큐에 연결할 수 없습니다. 잠시 뒤에 다시 시도하세요"}


@pytest.mark.measured
def test_the_limited_queue_takes_tasks_again_once_the_broker_is_back(
    load: Load, start_rq_worker: StartRQWorker, valkey: Valkey
) -> None:
    client = TestClient(load(FILE).app)
    valkey.stop()
    assert client.post("/fixed").status_code == 503
    valkey.start()
    for path in ("/broken", "/fixed"):
        assert client.post(path).status_code == 200

    worker = start_rq_worker(NAME)

    wait_until(lambda: worker.output.count("Job OK") == 2, "두 태스크의 끝")
