"""함정 lost_when_killed를 고장 난 쪽과 고친 쪽 모두에서 확인합니다."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from conftest import Load, Serve
from harness.waiting import wait_until

pytestmark = pytest.mark.measured

FILE = "01_basic/pitfalls/lost_when_killed"
BROKEN = "broken@example.com: 환영합니다!\n"
FIXED = "fixed@example.com: 환영합니다!\n"


def read_log() -> str:
    log = Path("log.txt")
    return log.read_text(encoding="utf-8") if log.exists() else ""


def test_a_killed_process_loses_its_task_unless_the_task_was_stored_first(serve: Serve) -> None:
    first = serve(FILE, {"TASK_SECONDS": "600"})
    assert first.client.post("/broken").status_code == 200
    assert first.client.post("/fixed").status_code == 200
    first.wait_for_line("알림 시작: broken@example.com")
    first.wait_for_line("알림 시작: fixed@example.com")
    first.kill()
    assert read_log() == ""

    second = serve(FILE, {"TASK_SECONDS": "0"})
    wait_until(read_log, "다시 시작한 뒤의 알림")
    second.terminate()

    assert read_log() == FIXED
    assert "broken@example.com" not in second.output


def test_a_task_that_was_done_is_not_done_again_after_a_restart(serve: Serve) -> None:
    first = serve(FILE, {"TASK_SECONDS": "0"})
    first.client.post("/broken")
    first.client.post("/fixed")
    first.terminate()

    # 끝날 때는 이어서 하던 일까지 모두 기다리므로, 이 뒤에 더 생길 줄은 없습니다.
    serve(FILE, {"TASK_SECONDS": "0"}).terminate()

    assert sorted(read_log().splitlines(keepends=True)) == [BROKEN, FIXED]


def test_a_kill_between_doing_and_deleting_repeats_the_task(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TASK_SECONDS", "0")
    pitfall = load(FILE)
    with TestClient(pitfall.app) as client:
        client.post("/fixed")
    # 한 일을 지우기 직전에 죽은 프로세스가 남기는 것이 바로 이 줄과 이 행입니다.
    pitfall.execute("INSERT INTO outbox (email) VALUES (?)", "fixed@example.com")

    with TestClient(pitfall.app):
        pass

    assert read_log() == FIXED * 2
