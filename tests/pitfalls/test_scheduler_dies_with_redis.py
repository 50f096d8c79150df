"""함정 scheduler_dies_with_redis를 고장 난 쪽과 고친 쪽 모두에서 확인합니다."""

import psutil
import pytest
from fastapi.testclient import TestClient
from rq.defaults import DEFAULT_MAINTENANCE_TASK_INTERVAL

from conftest import Load, StartRQWorker
from harness.processes import RQWorker
from harness.services import Valkey
from harness.waiting import wait_until

NAME = "scheduler_dies_with_redis"
pytestmark = pytest.mark.measured


def schedulers_of(worker: RQWorker) -> list[psutil.Process]:
    """워커가 띄운 스케줄러입니다. 거두지 않은 좀비는 죽은 것입니다."""
    children = psutil.Process(worker.pid).children()
    return [child for child in children if child.status() != psutil.STATUS_ZOMBIE]


def test_a_scheduler_that_died_with_redis_is_missed_until_the_next_maintenance(
    load: Load, start_rq_worker: StartRQWorker, valkey: Valkey
) -> None:
    client = TestClient(load(f"06_rq/pitfalls/{NAME}").app)
    workers = {name: start_rq_worker(NAME, f"worker_{name}") for name in ("broken", "fixed")}
    wait_until(lambda: all(schedulers_of(worker) for worker in workers.values()), "스케줄러")
    valkey.wait_for_idle_workers(2)

    valkey.stop()
    wait_until(lambda: not schedulers_of(workers["broken"]), "스케줄러의 죽음")
    valkey.start()
    client.post("/broken")
    client.post("/fixed")

    wait_until(lambda: client.get("/done").json()["fixed"] == "finished", "finished")
    assert client.get("/done").json()["broken"] == "scheduled"
    assert not schedulers_of(workers["broken"])


def test_ten_minutes_is_the_default_of_rq() -> None:
    assert DEFAULT_MAINTENANCE_TASK_INTERVAL == 600
