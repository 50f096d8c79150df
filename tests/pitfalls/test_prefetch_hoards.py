"""함정 prefetch_hoards: 느린 태스크가 끝나기 전에 어느 워커가 무엇을 마쳤는지 봅니다."""

import shlex
import socket
from contextlib import ExitStack
from types import ModuleType

import pytest
from fastapi.testclient import TestClient

from conftest import Load, StartWorker
from harness.services import Valkey
from harness.waiting import wait_until

pytestmark = pytest.mark.measured

FILE = "04_celery/pitfalls/prefetch_hoards"
LONGER_THAN_THE_TEST = "60"


def options_of(pitfall: ModuleType, process: str) -> list[str]:
    """docstring에 적힌 워커 명령의 옵션입니다. 고친 쪽의 요점이 이 옵션에 있습니다."""
    lines = (pitfall.__doc__ or "").splitlines()
    command = next(line for line in lines if line.startswith(f"{process}: "))
    return shlex.split(command.partition(" worker ")[2])


def quick_tasks(worker: str, first: int, last: int) -> list[str]:
    host = socket.gethostname()
    return [f"{worker}@{host}: 빠른 태스크 {number}" for number in range(first, last + 1)]


def test_tasks_hoarded_behind_a_slow_one_wait_although_another_worker_is_idle(
    load: Load,
    start_worker: StartWorker,
    processes: ExitStack,
    valkey: Valkey,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SLOW_SECONDS", LONGER_THAN_THE_TEST)
    pitfall = load(FILE)
    client = TestClient(pitfall.app)
    busy = start_worker(f"{FILE}:celery_app", options=options_of(pitfall, "worker_broken_1"))
    processes.callback(busy.kill)
    client.post("/broken")
    wait_until(lambda: valkey.client.llen("broken") == 4, "첫 워커가 느린 것 하나와 네 개를 가져감")

    start_worker(f"{FILE}:celery_app", options=options_of(pitfall, "worker_broken_2"))
    wait_until(lambda: len(client.get("/done").json()["broken"]) == 4, "둘째 워커가 나머지를 마침")

    name = f"broken_1@{socket.gethostname()}"
    inspect = pitfall.celery_app.control.inspect([name], timeout=20)
    hoarded = {task["args"][0] for task in inspect.reserved()[name]}
    assert hoarded == {f"빠른 태스크 {number}" for number in range(1, 5)}
    # 먼저 보낸 1~4번은 가져간 워커에 묶여 있고, 큐가 빈 둘째 워커는 할 일이 없습니다.
    assert valkey.client.llen("broken") == 0
    assert client.get("/done").json()["broken"] == quick_tasks("broken_2", 5, 8)


def test_with_a_prefetch_of_one_and_late_acks_the_idle_worker_takes_every_quick_task(
    load: Load,
    start_worker: StartWorker,
    processes: ExitStack,
    valkey: Valkey,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SLOW_SECONDS", LONGER_THAN_THE_TEST)
    pitfall = load(FILE)
    client = TestClient(pitfall.app)
    busy = start_worker(f"{FILE}:celery_app", options=options_of(pitfall, "worker_fixed_1"))
    processes.callback(busy.kill)
    client.post("/fixed")
    wait_until(lambda: valkey.client.llen("fixed") == 8, "첫 워커가 느린 것 하나만 가져감")

    start_worker(f"{FILE}:celery_app", options=options_of(pitfall, "worker_fixed_2"))
    wait_until(lambda: len(client.get("/done").json()["fixed"]) == 8, "둘째 워커가 모두 마침")

    assert client.get("/done").json()["fixed"] == quick_tasks("fixed_2", 1, 8)
