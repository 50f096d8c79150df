"""함정 visibility_timeout_duplicates: 실행이 끝나지 않은 태스크가 또 배달되는지 봅니다."""

from contextlib import ExitStack
from typing import Any

import pytest
from fastapi.testclient import TestClient

from conftest import Load, StartWorker
from harness.services import Valkey
from harness.waiting import wait_until

pytestmark = pytest.mark.measured

FILE = "04_celery/pitfalls/visibility_timeout_duplicates"


def wait_for_the_second_run(client: TestClient, name: str) -> Any:
    def delivered_again() -> Any:
        order = client.get("/done").json()[name]
        return order if int(order.get("runs", 0)) >= 2 else None

    return wait_until(delivered_again, f"{name}: 두 번째 배달")


@pytest.mark.usefixtures("valkey")
def test_a_task_longer_than_the_visibility_timeout_is_delivered_again_and_charges_twice(
    load: Load, start_worker: StartWorker, processes: ExitStack
) -> None:
    client = TestClient(load(FILE).app)
    # 첫 실행이 끝나지 않았는데 두 번째가 시작되도록 테스트보다 긴 시간을 줍니다.
    worker = start_worker(f"{FILE}:celery_app", {"WORK_SECONDS": "60"}, ["--concurrency", "2"])
    processes.callback(worker.kill)

    client.post("/broken")

    assert int(wait_for_the_second_run(client, "broken")["charged"]) >= 20_000


@pytest.mark.usefixtures("valkey")
def test_an_idempotency_key_charges_once_however_often_the_task_is_delivered(
    load: Load, start_worker: StartWorker, processes: ExitStack
) -> None:
    client = TestClient(load(FILE).app)
    worker = start_worker(f"{FILE}:celery_app", {"WORK_SECONDS": "60"}, ["--concurrency", "2"])
    processes.callback(worker.kill)

    client.post("/fixed")

    assert wait_for_the_second_run(client, "fixed")["charged"] == "10000"


@pytest.mark.parametrize(("task", "charged"), [("charge_broken", 20_000), ("charge_fixed", 10_000)])
def test_a_task_run_twice_shows_whether_it_is_idempotent(
    load: Load, valkey: Valkey, monkeypatch: pytest.MonkeyPatch, task: str, charged: int
) -> None:
    monkeypatch.setenv("WORK_SECONDS", "0")
    pitfall = load(FILE)

    for _ in range(2):
        getattr(pitfall, task).apply(task_id="order")

    assert valkey.client.hgetall("order") == {"runs": "2", "charged": str(charged)}
