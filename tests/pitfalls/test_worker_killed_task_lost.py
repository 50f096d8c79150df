"""함정 worker_killed_task_lost: 실행 중인 자식 프로세스를 SIGKILL로 끝내 봅니다."""

import os
import signal
import socket
from typing import Any

import pytest
from billiard.exceptions import WorkerLostError
from fastapi.testclient import TestClient

from conftest import Load, StartWorker
from harness.processes import Worker
from harness.services import Valkey
from harness.waiting import wait_until

pytestmark = pytest.mark.measured

FILE = "04_celery/pitfalls/worker_killed_task_lost"


def kill_the_process_running_the_task(worker: Worker) -> None:
    line = worker.wait_for_line("kill -9 ")
    os.kill(int(line.rsplit(" ", 1)[1]), signal.SIGKILL)


def wait_for_status(client: TestClient, name: str, status: str) -> Any:
    def reached() -> Any:
        task = client.get("/done").json()[name]
        return task if task["status"] == status else None

    return wait_until(reached, f"{name}: {status}")


def test_a_task_whose_process_is_killed_fails_and_is_never_run_again(
    load: Load, start_worker: StartWorker, valkey: Valkey
) -> None:
    pitfall = load(FILE)
    client = TestClient(pitfall.app)
    worker = start_worker(f"{FILE}:celery_app", {"WORK_SECONDS": "60"})

    client.post("/broken")
    kill_the_process_running_the_task(worker)

    task = wait_for_status(client, "broken", "FAILURE")
    assert task == {"status": "FAILURE", "runs": "1"}
    assert isinstance(pitfall.sent["broken"].result, WorkerLostError)
    # 큐에도, 확인을 기다리는 메시지에도 없으므로 다시 실행될 길이 없습니다.
    assert not valkey.client.exists("celery", "unacked")


@pytest.mark.usefixtures("valkey")
def test_a_late_ack_puts_the_task_of_a_killed_process_back_and_it_is_done_once(
    load: Load, start_worker: StartWorker
) -> None:
    pitfall = load(FILE)
    client = TestClient(pitfall.app)
    worker = start_worker(f"{FILE}:celery_app", {"WORK_SECONDS": "60"})

    client.post("/fixed")
    worker.wait_for_line("kill -9 ")
    # 돌려놓은 메시지를 둘째 워커가 받도록, 첫 워커는 더 받지 않게 합니다.
    first = [f"celery@{socket.gethostname()}"]
    pitfall.celery_app.control.cancel_consumer("celery", destination=first, reply=True, timeout=20)
    kill_the_process_running_the_task(worker)
    start_worker(f"{FILE}:celery_app", {"WORK_SECONDS": "0"}, ["--hostname", "second@%h"])

    task = wait_for_status(client, "fixed", "SUCCESS")
    assert task == {"status": "SUCCESS", "runs": "2", "charged": "10000"}


def test_running_an_order_twice_charges_it_once(
    load: Load, valkey: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORK_SECONDS", "0")
    pitfall = load(FILE)

    pitfall.charge_broken.apply(task_id="order")
    pitfall.charge_fixed.apply(task_id="order")

    assert valkey.client.hgetall("order") == {"runs": "2", "charged": "10000"}
