"""04_celery를 RabbitMQ에서: 같은 코드, 다른 브로커."""

import psutil
import pytest

from conftest import Serve, StartWorker
from harness.processes import WebServer
from harness.rabbitmq import RabbitMQ
from harness.services import Valkey
from harness.waiting import wait_until


def submit(server: WebServer) -> str:
    task_id: str = server.client.post("/process-data/", json={"a": 1}).json()["task_id"]
    return task_id


def wait_for_status(server: WebServer, task_id: str, status: str) -> None:
    def reached() -> bool:
        answer: str = server.client.get(f"/task-status/{task_id}").json()["status"]
        return answer == status

    wait_until(reached, status)


def test_the_same_code_runs_on_rabbitmq(
    serve: Serve, start_worker: StartWorker, valkey: Valkey, rabbitmq: RabbitMQ
) -> None:
    env = {"CELERY_BROKER_URL": rabbitmq.url, "STEP_SECONDS": "0"}
    server = serve("04_celery/main", env)
    start_worker("04_celery/celery_worker", env)

    task_id = submit(server)

    wait_for_status(server, task_id, "SUCCESS")
    assert valkey.client.hgetall("processed") == {task_id: "1"}


@pytest.mark.parametrize("victim", ["pool process", "whole worker"])
def test_on_rabbitmq_a_kill_loses_nothing_and_counts_nothing_twice(
    serve: Serve, start_worker: StartWorker, valkey: Valkey, rabbitmq: RabbitMQ, victim: str
) -> None:
    env = {"CELERY_BROKER_URL": rabbitmq.url, "STEP_SECONDS": "0.5"}
    server = serve("04_celery/main", env)
    worker = start_worker("04_celery/celery_worker", env)
    task_id = submit(server)
    wait_for_status(server, task_id, "PROGRESS")

    if victim == "pool process":
        psutil.Process(worker.pid).children()[0].kill()
    else:
        worker.kill()
        start_worker("04_celery/celery_worker", env)

    wait_for_status(server, task_id, "SUCCESS")
    assert valkey.client.hgetall("processed") == {task_id: "1"}
