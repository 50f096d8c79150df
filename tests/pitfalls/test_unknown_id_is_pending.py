"""함정 unknown_id_is_pending을 고장 난 쪽과 고친 쪽 모두에서 확인합니다."""

import pytest

from conftest import Serve, StartWorker
from harness.processes import WebServer
from harness.waiting import wait_until

FILE = "04_celery/pitfalls/unknown_id_is_pending"
pytestmark = [pytest.mark.measured, pytest.mark.usefixtures("valkey")]
UNKNOWN = "00000000-0000-0000-0000-000000000000"


def start(server: WebServer, path: str) -> str:
    return str(server.client.post(path).json()["task_id"])


def ask(server: WebServer, path: str, task_id: str) -> tuple[int, str]:
    """상태 코드와, 본문의 status나 detail입니다."""
    answer = server.client.get(path, params={"task_id": task_id})
    (text,) = answer.json().values()
    return answer.status_code, text


def test_an_id_that_was_never_queued_looks_like_one_that_waits(
    serve: Serve, start_worker: StartWorker
) -> None:
    server = serve(FILE)
    waiting = start(server, "/broken")
    assert ask(server, "/broken", waiting) == ask(server, "/broken", UNKNOWN) == (200, "PENDING")

    start_worker(f"{FILE}:celery_app")
    wait_until(lambda: ask(server, "/broken", waiting) == (200, "SUCCESS"), "SUCCESS")
    assert ask(server, "/broken", UNKNOWN) == (200, "PENDING")


def test_a_mark_made_before_queueing_tells_an_unknown_id_from_a_waiting_one(
    serve: Serve, start_worker: StartWorker
) -> None:
    server = serve(FILE)
    waiting = start(server, "/fixed")
    assert ask(server, "/fixed", waiting) == (200, "QUEUED")
    status_code, detail = ask(server, "/fixed", UNKNOWN)
    assert (status_code, detail.startswith("모르는 태스크 id입니다")) == (404, True)

    start_worker(f"{FILE}:celery_app")
    wait_until(lambda: ask(server, "/fixed", waiting) == (200, "SUCCESS"), "SUCCESS")
