"""답의 프로세스와 브로커: 어떻게 끝나든 곧바로 알아채고, 무엇을 해도 남지 않습니다."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest
import redis

from harness.waiting import wait_until
from lab.checking import Answer, Process, Short, services
from lab.checking.exercises import find_one
from lab.checking.grading import grade
from lab.checking.limited import LimitedChild
from lab.checking.verdict import Trouble
from lab.services import ServiceUnavailableError
from test_checker import APP, SLEEP, SOLUTION, judge

pytestmark = pytest.mark.whole
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="리눅스의 prctl을 씁니다")
LATE = Short("늦었습니다.", "")
KILL_PARENT = "import os; os.kill(os.getppid(), 9)"
# 버퍼가 없으면 print는 인자마다 따로 씁니다. 번호가 오기 전에 읽지 않도록 한 번에 씁니다.
NEW_SESSION = (
    "import subprocess, sys; "
    f"left = subprocess.Popen([sys.executable, '-c', '{SLEEP}'], start_new_session=True); "
    "print('left ' + str(left.pid))"
)
TWICE_FORKED = f"""import os
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        print('left ' + str(os.getpid()))
        {SLEEP}
    os._exit(0)
"""


@pytest.fixture
def answer(tmp_path: Path) -> Iterator[Answer]:
    file = tmp_path / "mine.py"
    file.write_text(SOLUTION, encoding="utf-8")
    folder = tmp_path / "answer"
    folder.mkdir()
    answer = Answer(file, folder)
    yield answer
    answer.close()


def test_waiting_stops_when_the_process_has_ended(answer: Answer) -> None:
    with answer.process("python", "-c", "print('마지막 말'); exit(3)") as worker:
        start = time.monotonic()
        with pytest.raises(Short) as caught:
            worker.wait_for(lambda: None, 40, LATE)

    assert time.monotonic() - start < 10
    assert "끝났습니다(종료 코드 3)" in caught.value.seen
    assert "마지막 말" in caught.value.seen


def test_waiting_stops_when_the_process_prints_too_much(answer: Answer) -> None:
    endless = "while True: print('가' * 1000)"
    with (
        answer.process("python", "-c", endless) as worker,
        pytest.raises(Short, match="출력이 1 MB를 넘어"),
    ):
        worker.wait_for(lambda: None, 40, LATE)


def test_what_a_process_did_before_its_end_counts(answer: Answer) -> None:
    with answer.process("python", "-c", "print('했음')") as worker:
        worker.wait(20)

        assert worker.wait_for(lambda: "했음" in worker.output, 5, LATE)


def test_waiting_for_a_running_process_has_a_limit(answer: Answer) -> None:
    with answer.process("python", "-c", SLEEP) as worker, pytest.raises(Short, match="늦었습니다"):
        worker.wait_for(lambda: None, 0.2, LATE)


@pytest.mark.parametrize("ended", [True, False], ids=["ends", "never_listens"])
def test_a_redis_that_does_not_start_is_told_in_a_sentence(
    answer: Answer, monkeypatch: pytest.MonkeyPatch, ended: bool
) -> None:
    code = "exit(1)" if ended else SLEEP
    command = [sys.executable, "-c", code]
    monkeypatch.setattr("lab.checking.answer.redis_command", lambda *_: command)
    monkeypatch.setattr(services, "START_SECONDS", 0.5)

    with pytest.raises(Trouble, match="redis 프로세스가"), answer.redis():
        pass
    answer.close()


def test_a_missing_redis_is_not_answered_with_an_address_that_check_does_not_read(
    answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lab.services.find_redis_server", lambda: None)
    monkeypatch.setattr("lab.services.sys.platform", "linux")

    with pytest.raises((Trouble, ServiceUnavailableError)) as caught, answer.redis():
        pass

    assert "apt-get install" in str(caught.value)
    assert "REDIS_URL" not in str(caught.value)


def test_a_worker_killed_while_it_holds_the_lock_of_the_search_does_not_stop_the_next_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kill = Process.kill

    def kill_holding_the_lock(self: Process) -> None:
        worked = self.name == "worker" and self.running
        kill(self)
        if worked:
            with closing(redis.Redis.from_url(self._environment["REDIS_URL"])) as broker:
                broker.set("unacked_mutex", "the dead worker", ex=300)

    monkeypatch.setattr(Process, "kill", kill_holding_the_lock)
    exercise = find_one("04-4")

    result = grade(exercise, exercise.solution)

    assert result.passed, result


@on_linux
@pytest.mark.parametrize("place", ["module", "request", "with_a_child_in_a_new_session"])
def test_an_answer_that_kills_its_parent_is_told_so_at_once(tmp_path: Path, place: str) -> None:
    line = f"{NEW_SESSION}; {KILL_PARENT}" if place.startswith("with") else KILL_PARENT
    source = f"{line}\n{APP}" if place == "module" else APP.replace("BODY", line)

    result = judge(tmp_path, source)

    assert result.state == "short", result
    assert "채점하던 프로세스가 강제로 끝났습니다" in result.seen
    assert result.seconds < 8
    wait_until(lambda: sleeping() == [], "남은 프로세스의 끝")


@on_linux
def test_a_guard_that_is_still_ending_is_waited_for(
    answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    returncode = LimitedChild.returncode.fget  # type: ignore[attr-defined]
    still_ending = iter([None, None])
    with answer.process("python", "-c", f"{NEW_SESSION}\n{SLEEP}") as process:
        process.wait_output("left")
        guard = psutil.Process(process.pid).parent()
        assert guard is not None
        guard.kill()
        wait_until(lambda: not alive(guard), "guard의 끝")
        monkeypatch.setattr(
            LimitedChild,
            "returncode",
            property(lambda child: next(still_ending, returncode(child))),
        )
        start = time.monotonic()
        process.kill()

        assert time.monotonic() - start < 5
        assert not process.child.is_heard


@on_linux
@pytest.mark.parametrize("spawn", [NEW_SESSION, TWICE_FORKED], ids=["new_session", "twice_forked"])
def test_a_process_that_left_the_session_ends_with_its_guard(answer: Answer, spawn: str) -> None:
    with answer.process("python", "-c", f"{spawn}\n{SLEEP}") as process:
        left = psutil.Process(int(process.wait_output("left").split()[1]))
        psutil.Process(process.pid).kill()
        process.kill()

        wait_until(lambda: not alive(left), "세션을 떠난 프로세스의 끝")


def alive(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def sleeping() -> list[psutil.Process]:
    """이 테스트의 답이 남긴 프로세스입니다."""
    mine = psutil.process_iter(["cmdline", "uids"])
    return [each for each in mine if SLEEP in (each.info["cmdline"] or []) and started_here(each)]


def started_here(process: psutil.Process) -> bool:
    try:
        return process.environ().get("PYTEST_CURRENT_TEST") == os.environ["PYTEST_CURRENT_TEST"]
    except psutil.Error:
        return False
