"""함정 killed_task_is_given_up을 고장 난 쪽과 고친 쪽 모두에서 확인합니다."""

import os
import signal
from typing import Any

import pytest
from fastapi.testclient import TestClient

from conftest import Load, StartRQWorker
from harness.processes import RQWorker
from harness.services import Valkey
from harness.waiting import wait_until

NAME = "killed_task_is_given_up"
pytestmark = pytest.mark.measured


def kill_the_process_running_the_task(worker: RQWorker) -> None:
    line = worker.wait_for_line("kill -9 ")
    os.kill(int(line.rsplit(" ", 1)[1]), signal.SIGKILL)


def wait_for_status(client: TestClient, name: str, status: str) -> Any:
    def reached() -> Any:
        task = client.get("/done").json()[name]
        return task if task["status"] == status else None

    return wait_until(reached, f"{name}: {status}")


def test_a_task_whose_process_is_killed_fails_and_is_never_run_again(
    load: Load, start_rq_worker: StartRQWorker, valkey: Valkey
) -> None:
    client = TestClient(load(f"06_rq/pitfalls/{NAME}").app)
    worker = start_rq_worker(NAME, env={"WORK_SECONDS": "60"})

    client.post("/broken")
    kill_the_process_running_the_task(worker)

    assert wait_for_status(client, "broken", "failed") == {"status": "failed", "runs": "1"}
    assert "Work-horse terminated unexpectedly" in worker.output
    assert not valkey.client.exists("rq:queue:default", "rq:scheduled:default", "rq:wip:default")


def test_a_retry_runs_the_task_of_a_killed_process_again_and_it_is_done_once(
    load: Load, start_rq_worker: StartRQWorker, valkey: Valkey
) -> None:
    client = TestClient(load(f"06_rq/pitfalls/{NAME}").app)
    worker = start_rq_worker(NAME, env={"WORK_SECONDS": "0.5"})

    client.post("/fixed")
    kill_the_process_running_the_task(worker)

    task = wait_for_status(client, "fixed", "finished")
    assert task == {"status": "finished", "runs": "2", "charged": "10000"}
