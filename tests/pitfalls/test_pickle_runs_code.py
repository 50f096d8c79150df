"""함정 pickle_runs_code을 고장 난 쪽과 고친 쪽 모두에서 확인합니다."""

import pytest
from fastapi.testclient import TestClient

from conftest import Load, StartRQWorker

NAME = "pickle_runs_code"
pytestmark = [pytest.mark.measured, pytest.mark.usefixtures("valkey")]


def test_a_pickled_argument_runs_code_in_a_worker_unless_it_reads_only_json(
    load: Load, start_rq_worker: StartRQWorker
) -> None:
    client = TestClient(load(f"06_rq/pitfalls/{NAME}").app)
    client.post("/broken")
    client.post("/fixed")

    start_rq_worker(NAME, "worker_broken").wait_for_line("Job OK")
    start_rq_worker(NAME, "worker_fixed").wait_for_line("rq.exceptions.DeserializationError")

    assert client.get("/stolen").json() == ["broken"]
