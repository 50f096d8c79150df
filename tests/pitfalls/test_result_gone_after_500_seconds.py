"""함정 result_gone_after_500_seconds를 고장 난 쪽과 고친 쪽 모두에서 확인합니다."""

import pytest
from fastapi.testclient import TestClient
from rq.defaults import DEFAULT_RESULT_TTL

from conftest import Load, StartRQWorker
from harness.services import Valkey
from harness.waiting import wait_until

NAME = "result_gone_after_500_seconds"
pytestmark = pytest.mark.measured


def test_a_result_without_a_lifetime_of_its_own_is_gone_first(
    load: Load, start_rq_worker: StartRQWorker, valkey: Valkey
) -> None:
    client = TestClient(load(f"06_rq/pitfalls/{NAME}").app)
    broken, fixed = (client.post(path).json()["task_id"] for path in ("/broken", "/fixed"))

    def status_code(task_id: str) -> int:
        return client.get("/status", params={"task_id": task_id}).status_code

    assert [status_code(broken), status_code(fixed)] == [200, 200]
    worker = start_rq_worker(NAME)
    wait_until(lambda: worker.output.count("Job OK") == 2, "두 태스크의 끝")
    wait_until(lambda: status_code(broken) == 404, "사라진 결과")

    assert client.get("/status", params={"task_id": fixed}).json() == {
        "status": "finished",
        "result": "보고서를 썼습니다",
    }
    assert 86_000 < valkey.client.ttl(f"rq:job:{fixed}") <= 86_400


def test_500_seconds_is_the_default_of_rq() -> None:
    assert DEFAULT_RESULT_TTL == 500
