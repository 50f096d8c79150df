"""함정 retry_without_scheduler를 고장 난 쪽과 고친 쪽 모두에서 확인합니다."""

import pytest
from fastapi.testclient import TestClient

from conftest import Load, StartRQWorker
from harness.services import Valkey
from harness.waiting import wait_until

NAME = "retry_without_scheduler"
pytestmark = pytest.mark.measured


def test_a_retry_with_an_interval_needs_a_scheduler(
    load: Load, start_rq_worker: StartRQWorker, valkey: Valkey
) -> None:
    client = TestClient(load(f"06_rq/pitfalls/{NAME}").app)
    start_rq_worker(NAME, "worker_broken")
    start_rq_worker(NAME, "worker_fixed")
    client.post("/broken")
    wait_until(lambda: client.get("/done").json()["broken"]["status"] == "scheduled", "scheduled")

    client.post("/fixed")
    wait_until(lambda: client.get("/done").json()["fixed"]["status"] == "finished", "finished")

    # 나중에 보낸 /fixed는 두 번째 실행에서 끝났지만, /broken의 두 번째 실행은 오지 않습니다.
    assert client.get("/done").json() == {
        "broken": {"status": "scheduled", "tries": "1"},
        "fixed": {"status": "finished", "tries": "2"},
    }
