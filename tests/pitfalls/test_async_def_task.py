"""함정 async_def_task를 고장 난 쪽과 고친 쪽 모두에서 확인합니다."""

import asyncio

import pytest

from conftest import Load, Serve, StartWorker
from harness.waiting import wait_until

FILE = "04_celery/pitfalls/async_def_task"
pytestmark = [pytest.mark.measured, pytest.mark.usefixtures("valkey")]


def test_the_worker_fails_an_async_def_task_without_running_it(
    serve: Serve, start_worker: StartWorker
) -> None:
    worker = start_worker(f"{FILE}:celery_app")
    server = serve(FILE)

    assert server.client.post("/broken").status_code == 200

    worker.wait_for_line("raised unexpected: EncodeError")
    assert server.client.get("/done").json() == []


def test_a_plain_task_that_runs_its_own_event_loop_does_the_work_every_time(
    serve: Serve, start_worker: StartWorker
) -> None:
    worker = start_worker(f"{FILE}:celery_app")
    server = serve(FILE)

    for _ in range(2):
        assert server.client.post("/fixed").status_code == 200

    wait_until(lambda: worker.output.count(" succeeded in ") == 2, "성공한 태스크 두 개")
    assert server.client.get("/done").json() == ["fixed@example.com"] * 2


def test_the_same_function_works_where_someone_awaits_it(load: Load) -> None:
    pitfall = load(FILE)

    asyncio.run(pitfall.send_mail_async("awaited@example.com"))

    assert pitfall.list_done() == ["awaited@example.com"]
