"""예제를 시작하고 끝내는 일이 겹쳐도 프로세스가 남지 않습니다."""

import asyncio
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from lab import catalogue
from lab.processes import StartError
from lab.running import RunningProgram
from lab.supervisor import Supervisor
from lab.traces import TraceStore

SLOW = "import time\n\nprint('기다리는 중', flush=True)\ntime.sleep(600)\n"


@pytest.fixture
def examples(tmp_path: Path) -> Path:
    """요청을 받을 준비가 끝내 되지 않는 예제 하나가 든 폴더입니다."""
    folder = tmp_path / "examples" / "01_slow"
    folder.mkdir(parents=True)
    (folder / "Procfile").write_text("web: python main.py\n", encoding="utf-8")
    (folder / "main.py").write_text(SLOW, encoding="utf-8")
    return folder.parent


@pytest.fixture
def running(examples: Path) -> Iterator[RunningProgram]:
    """프로세스를 아직 시작하지 않은 예제입니다."""
    running = RunningProgram(catalogue.programs(examples)["01_slow"], lambda *_: None)
    yield running
    running.stop()


def test_ending_the_lab_gives_up_a_program_that_is_still_starting(examples: Path) -> None:
    has_begun = threading.Event()
    supervisor = Supervisor(
        "http://127.0.0.1:1", TraceStore(), lambda *_: has_begun.set(), examples
    )

    async def end_while_starting() -> float:
        starting = asyncio.create_task(supervisor.ensure("01_slow"))
        await asyncio.to_thread(has_begun.wait, 20)
        began = time.monotonic()
        await supervisor.close()
        with pytest.raises(StartError, match="끝내는 중"):
            await asyncio.wait_for(starting, 5)
        with pytest.raises(StartError, match="끝내는 중"):
            await supervisor.ensure("01_slow")
        return time.monotonic() - began

    before = psutil.Process().children(recursive=True)
    assert asyncio.run(end_while_starting()) < 5
    assert set(psutil.Process().children(recursive=True)) <= set(before)


def test_a_process_that_is_started_twice_at_once_runs_once(
    running: RunningProgram, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lab.running.START_SECONDS", 1)
    with pytest.raises(StartError, match="안에 준비되지 않았습니다"):
        running.start()
    running.act("web", "kill")
    before = len(psutil.Process().children())

    def start() -> str:
        with pytest.raises(StartError) as refused:
            running.act("web", "start")
        return str(refused.value)

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: start(), range(8)))

    assert len(psutil.Process().children()) == before + 1
    assert sum("이미 실행 중" in answer for answer in answers) == 7


def test_nothing_is_started_in_a_program_that_is_ended(running: RunningProgram) -> None:
    before = psutil.Process().children(recursive=True)
    running.stop()

    with pytest.raises(StartError, match="끝내는 중"):
        running.start()

    assert set(psutil.Process().children(recursive=True)) <= set(before)
