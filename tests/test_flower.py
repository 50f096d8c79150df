"""운영 점검표: Flower를 04의 예제에 붙여 봅니다."""

import sys
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from conftest import EXAMPLES, Serve, StartWorker
from harness.processes import Process
from harness.services import Valkey
from harness.waiting import wait_until
from lab.services import free_port

pytestmark = pytest.mark.whole
WORKER = "04_celery/celery_worker"
FAST = {"STEP_SECONDS": "0.01"}


@pytest.fixture
def flower(valkey: Valkey, processes: ExitStack, tmp_path: Path) -> httpx.Client:
    """실제 Flower의 클라이언트입니다. 태스크의 목록을 읽을 수 있게 API도 엽니다."""
    port = free_port()
    command = [sys.executable, "-m", "celery", "-A", "celery_worker", "flower"]
    command += ["--address=127.0.0.1", f"--port={port}"]
    env = {"PYTHONPATH": str(EXAMPLES / "04_celery"), "FLOWER_UNAUTHENTICATED_API": "true"}
    process = Process(command, tmp_path, env)
    processes.callback(process.kill)
    client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20)
    processes.callback(client.close)

    def is_open() -> bool:
        try:
            return client.get("/healthcheck").status_code == 200
        except httpx.TransportError:
            return False

    wait_until(is_open, "Flower의 시작")
    return client


def test_the_first_page_of_flower_opens_without_a_login(flower: httpx.Client) -> None:
    page = flower.get("/", follow_redirects=True)

    assert page.status_code == 200
    assert "Workers" in page.text


def test_flower_shows_the_tasks_of_a_worker_that_sends_events_only(
    flower: httpx.Client, serve: Serve, start_worker: StartWorker
) -> None:
    server = serve("04_celery/main")

    def finish_one() -> str:
        task_id: str = server.client.post("/process-data/", json={"a": 1}).json()["task_id"]
        path = f"/task-status/{task_id}"
        wait_until(lambda: server.client.get(path).json()["status"] == "SUCCESS", "태스크의 끝")
        return task_id

    silent = start_worker(WORKER, FAST)
    unseen = finish_one()
    silent.terminate()
    start_worker(WORKER, FAST, ["-E"])
    seen = finish_one()

    wait_until(lambda: seen in flower.get("/api/tasks").json(), "Flower에 나타난 태스크")
    assert unseen not in flower.get("/api/tasks").json()
