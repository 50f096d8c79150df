"""함정 keyword_taken_by_rq을 고장 난 쪽과 고친 쪽 모두에서 확인합니다."""

import pytest
from fastapi.testclient import TestClient

from conftest import Load, StartRQWorker
from harness.services import Valkey
from harness.waiting import wait_until

NAME = "keyword_taken_by_rq"
pytestmark = pytest.mark.measured


def test_a_keyword_that_rq_knows_never_reaches_the_task_unless_in_kwargs(
    load: Load, start_rq_worker: StartRQWorker, valkey: Valkey
) -> None:
    client = TestClient(load(f"06_rq/pitfalls/{NAME}").app)
    client.post("/broken")
    client.post("/fixed")
    assert client.get("/done").json() == {"broken": None, "fixed": None}

    worker = start_rq_worker(NAME)

    wait_until(lambda: worker.output.count("Job OK") == 2, "두 태스크의 끝")
    assert client.get("/done").json() == {"broken": "의자: ''", "fixed": "의자: '나무 의자'"}
