"""04_celery: 워커나 브로커가 죽은 뒤에 메시지가 어떻게 되는지 봅니다."""

from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
from billiard.exceptions import TimeLimitExceeded, WorkerLostError
from celery import Celery
from celery.concurrency.asynpool import AsynPool
from celery.result import AsyncResult

from conftest import Serve, StartWorker
from harness.processes import WebServer, Worker
from harness.services import Valkey
from harness.waiting import wait_until

WORKER = "04_celery/celery_worker"
DEADLY = str(Path(__file__).parent / "harness" / "deadly_tasks:celery_app")
FAST = {"STEP_SECONDS": "0.01"}
# 가시성 타임아웃은 시간 제한의 두 배인 2초가 됩니다.
SOON_REDELIVERED = {**FAST, "TASK_TIME_LIMIT": "1"}


@pytest.fixture
def deadly_worker(start_worker: StartWorker, valkey: Valkey, processes: ExitStack) -> Worker:
    worker = start_worker(DEADLY)
    processes.callback(worker.kill)
    return worker


def send(valkey: Valkey, name: str) -> AsyncResult[Any]:
    app = Celery(broker=valkey.url, backend=valkey.url, set_as_current=False)
    return app.send_task(f"deadly_tasks.{name}")


def submit(server: WebServer) -> str:
    task_id: str = server.client.post("/process-data/", json={"a": 1, "b": 2}).json()["task_id"]
    return task_id


def status_of(server: WebServer, task_id: str) -> str:
    status: str = server.client.get(f"/task-status/{task_id}").json()["status"]
    return status


def wait_for_status(server: WebServer, task_id: str, status: str) -> None:
    wait_until(lambda: status_of(server, task_id) == status, status)


def test_a_late_ack_alone_does_not_put_the_task_of_a_dead_process_back(
    deadly_worker: Worker, valkey: Valkey
) -> None:
    task = send(valkey, "late_ack")

    wait_until(task.ready, "태스크의 끝")
    assert isinstance(task.result, WorkerLostError)
    # 결과를 적은 다음에 메시지를 지웁니다.
    wait_until(lambda: not valkey.client.exists("celery", "unacked"), "지워진 메시지")
    assert valkey.client.get("late_ack") == "1"


def test_the_hard_time_limit_kills_the_process_of_a_task_that_does_not_stop(
    deadly_worker: Worker, valkey: Valkey
) -> None:
    task = send(valkey, "never_end")

    wait_until(task.ready, "태스크의 끝")
    assert isinstance(task.result, TimeLimitExceeded)
    pid = int(valkey.client.get("never_end") or 0)
    wait_until(lambda: not psutil.pid_exists(pid), "죽은 자식 프로세스")


def test_a_task_that_always_kills_its_process_is_put_back_again_and_again(
    deadly_worker: Worker, valkey: Valkey
) -> None:
    task = send(valkey, "put_back")

    wait_until(lambda: int(valkey.client.get("put_back") or 0) >= 4, "네 번째 실행")
    assert task.status == "PENDING"


def test_a_limited_retry_ends_a_task_that_always_kills_its_process(
    deadly_worker: Worker, valkey: Valkey
) -> None:
    task = send(valkey, "retry_twice")

    wait_until(task.ready, "태스크의 끝")
    assert valkey.client.get("retry_twice") == "3"
    assert task.status == "FAILURE"
    assert isinstance(task.result, WorkerLostError)
    assert not valkey.client.exists("celery")


def test_a_worker_looks_for_dead_pool_processes_every_five_seconds() -> None:
    timers: Any = vars(AsynPool)["timers"]

    assert timers.fget(SimpleNamespace(maintain_pool="look")) == {"look": 5}


def test_on_redis_a_message_sent_to_a_worker_that_dies_before_it_notes_it_is_lost(
    serve: Serve, start_worker: StartWorker, valkey: Valkey
) -> None:
    server = serve("04_celery/main")
    worker = start_worker(WORKER, FAST)
    wait_until(lambda: valkey.client.info("clients")["blocked_clients"], "꺼내기를 기다리는 워커")

    def sent_to_the_frozen_worker() -> str | None:
        # 꺼내기를 기다리던 때가 아니면 메시지가 큐에 남으므로, 처리하게 두고 다시 합니다.
        worker.freeze()
        task_id = submit(server)
        if not valkey.client.exists("celery"):
            return task_id
        worker.thaw()
        wait_for_status(server, task_id, "SUCCESS")
        wait_until(lambda: not valkey.client.exists("unacked"), "지워진 메시지")
        return None

    lost = wait_until(sent_to_the_frozen_worker, "얼어 있는 워커에 보낸 메시지") or ""
    worker.kill()

    assert not valkey.client.exists("celery", "unacked", "unacked_index")
    assert status_of(server, lost) == "QUEUED"


def test_on_redis_the_message_of_a_killed_worker_waits_for_the_visibility_timeout(
    serve: Serve, start_worker: StartWorker, valkey: Valkey
) -> None:
    server = serve("04_celery/main")
    worker = start_worker(WORKER, {"STEP_SECONDS": "30"})
    left = submit(server)
    wait_for_status(server, left, "PROGRESS")
    worker.kill()

    start_worker(WORKER, FAST)
    wait_for_status(server, submit(server), "SUCCESS")

    # 나중에 보낸 것은 끝났는데, 남겨진 것은 아직 배달된 것으로 되어 있습니다.
    assert status_of(server, left) == "PROGRESS"
    assert valkey.client.hlen("unacked") == 1


def test_an_idle_worker_connects_again_when_its_redis_is_back(
    serve: Serve, start_worker: StartWorker, valkey: Valkey
) -> None:
    server = serve("04_celery/main")
    worker = start_worker(WORKER, FAST)

    valkey.stop()
    worker.wait_for_line("Trying again in")
    valkey.start()

    wait_for_status(server, submit(server), "SUCCESS")


def test_a_busy_worker_whose_redis_died_finishes_its_task_and_then_ends(
    serve: Serve, start_worker: StartWorker, valkey: Valkey
) -> None:
    server = serve("04_celery/main")
    # 빈 자리가 있어 다음 메시지를 기다리는 워커만 끝납니다. 자리가 하나뿐이면 다시 연결합니다.
    worker = start_worker(WORKER, {"STEP_SECONDS": "0.5"}, ["--concurrency", "2"])
    task_id = submit(server)
    wait_for_status(server, task_id, "PROGRESS")

    valkey.process.kill()
    worker.wait_for_line("Unrecoverable error: AttributeError")
    valkey.start()
    worker.wait()
    assert status_of(server, task_id) == "SUCCESS"

    # 확인 응답은 보내지 못했으므로 다음 워커에 다시 배달되지만, 장부는 그대로입니다.
    next_worker = start_worker(WORKER, SOON_REDELIVERED)
    next_worker.wait_for_line(f"[{task_id}] succeeded")
    assert valkey.client.hgetall("processed") == {task_id: "2"}


def test_a_running_task_waits_for_its_redis_to_come_back_instead_of_failing(
    serve: Serve, start_worker: StartWorker, valkey: Valkey
) -> None:
    server = serve("04_celery/main")
    worker = start_worker(WORKER, {"STEP_SECONDS": "0.5"}, ["--concurrency", "1"])
    task_id = submit(server)
    wait_for_status(server, task_id, "PROGRESS")

    valkey.process.kill()
    worker.wait_for_line("Failed operation _store_result. Retrying")
    valkey.start()

    wait_for_status(server, task_id, "SUCCESS")
    assert valkey.client.hgetall("processed") == {task_id: "2"}
