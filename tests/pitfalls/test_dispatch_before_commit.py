"""함정 dispatch_before_commit을 고장 난 쪽과 고친 쪽 모두에서 확인합니다."""

import socket
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from conftest import Serve, StartWorker
from harness.services import Valkey
from harness.waiting import wait_until

pytestmark = pytest.mark.measured

FILE = "04_celery/pitfalls/dispatch_before_commit"


@pytest.fixture(autouse=True)
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """워커와 웹 서버가 같은 SQLite 파일을 쓰게 합니다."""
    monkeypatch.setenv("DATABASE_PATH", str(tmp_path / "orders.db"))


def select(query: str) -> list[Any]:
    """첫 열의 값입니다."""
    with closing(sqlite3.connect("orders.db")) as db:
        return [value for (value,) in db.execute(query)]


def statuses() -> list[str]:
    return select("SELECT status FROM orders")


@pytest.mark.usefixtures("valkey")
def test_a_task_sent_before_the_commit_does_not_find_its_row(
    serve: Serve, start_worker: StartWorker
) -> None:
    worker = start_worker(f"{FILE}:celery_app")
    server = serve(FILE)

    answer = server.client.post("/broken")

    assert answer.json() == {"worker": "주문이 없습니다"}
    assert statuses() == ["접수"]
    worker.wait_for_line("raised unexpected: LookupError('주문이 없습니다')")


@pytest.mark.usefixtures("valkey")
def test_a_task_sent_from_the_outbox_finds_its_row_even_when_sent_twice(
    serve: Serve, start_worker: StartWorker
) -> None:
    worker = start_worker(f"{FILE}:celery_app")
    server = serve(FILE)

    server.client.post("/fixed")
    wait_until(lambda: statuses() == ["발송"], "첫 주문의 발송")
    wait_until(lambda: select("SELECT sent FROM outbox") == [1], "보냈다는 표시")

    with closing(sqlite3.connect("orders.db")) as db, db:  # 표시하기 전에 죽은 것과 같습니다.
        db.execute("UPDATE outbox SET sent = 0")
    server.client.post("/fixed")
    wait_until(lambda: worker.output.count(" succeeded in ") == 3, "발송 태스크 세 번")

    assert statuses() == ["발송", "발송"]
    assert "LookupError" not in worker.output


def test_a_crash_between_commit_and_publish_loses_no_order(
    serve: Serve, start_worker: StartWorker, valkey: Valkey
) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as silent_broker:
        silent_broker.settimeout(20)
        url = f"redis://127.0.0.1:{silent_broker.getsockname()[1]}/0"
        server = serve(FILE, {"REDIS_URL": url})
        assert server.client.post("/fixed").status_code == 200
        with silent_broker.accept()[0]:  # 커밋은 끝났고, 큐에 넣는 중입니다.
            server.kill()
    assert statuses() == ["접수"]
    assert select("SELECT sent FROM outbox") == [0]

    serve(FILE)
    assert valkey.client.llen("celery") == 1
    start_worker(f"{FILE}:celery_app")
    wait_until(lambda: statuses() == ["발송"], "다시 시작한 뒤의 발송")
