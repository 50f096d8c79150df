"""함정 cancelled_at_shutdown을 고장 난 쪽과 고친 쪽 모두에서 확인합니다."""

import pytest

from conftest import Serve
from harness.processes import WebServer
from harness.waiting import wait_until

pytestmark = pytest.mark.measured

FILE = "05_async/pitfalls/cancelled_at_shutdown"
LIMIT = ["--timeout-graceful-shutdown", "1"]
# 스무 통을 다 보내는 데 10초가 걸리므로, 첫 통을 보고 종료하면 반드시 중간입니다.
SLOW = {"SEND_SECONDS": "0.5"}
INSTANT = {"SEND_SECONDS": "0"}


def sent_by(server: WebServer) -> list[str]:
    """서버가 보낸 메일의 주소입니다."""
    return [line.split()[-1] for line in server.lines if line.startswith("보낸 메일:")]


def stop_after_the_first_mail(server: WebServer, path: str) -> list[str]:
    server.client.post(path)
    server.wait_for_line("보낸 메일:")
    server.terminate()
    assert "timeout graceful shutdown exceeded" in server.output
    return sent_by(server)


def test_a_task_cancelled_at_shutdown_leaves_its_work_half_done(serve: Serve) -> None:
    emails = [f"broken{n}@example.com" for n in range(20)]

    sent = stop_after_the_first_mail(serve(FILE, SLOW, LIMIT), "/broken")
    restarted = serve(FILE, INSTANT, LIMIT)
    restarted.terminate()

    assert sent == emails[: len(sent)]
    assert 1 <= len(sent) < 20
    assert sent_by(restarted) == []


def test_a_task_that_keeps_the_rest_when_cancelled_goes_on_after_each_restart(serve: Serve) -> None:
    emails = [f"fixed{n}@example.com" for n in range(20)]

    sent = stop_after_the_first_mail(serve(FILE, SLOW, LIMIT), "/fixed")
    assert 1 <= len(sent) < 20

    stopped_again = serve(FILE, SLOW, LIMIT)
    stopped_again.terminate()
    sent += sent_by(stopped_again)
    assert len(sent) < 20

    finished = serve(FILE, INSTANT, LIMIT)
    wait_until(lambda: len(sent + sent_by(finished)) == 20, "나머지 메일")
    assert sent + sent_by(finished) == emails
