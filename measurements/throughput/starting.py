"""모든 시스템의 워커와 브로커를 함께 띄웁니다."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from lab.catalogue import Program
from lab.running import RunningProgram
from lab.stage import WRITTEN
from measurements.programs import APPS
from measurements.throughput.bench import Bench
from measurements.throughput.systems import KAFKA, REDIS, System, arq_python


@contextmanager
def started(systems: list[System]) -> Iterator[Bench]:
    """모든 워커와 브로커를 시작합니다. 끝나면 아무 프로세스도 남기지 않습니다.

    Raises:
        StartError, ServiceUnavailableError: 시작하지 못했을 때.
    """
    with ExitStack() as stack:
        temporary = tempfile.TemporaryDirectory(prefix="measure-", ignore_cleanup_errors=True)
        folder = Path(stack.enter_context(temporary))
        (folder / "done").mkdir()
        apps = folder / "throughput"
        shutil.copytree(APPS / "throughput", apps, ignore=shutil.ignore_patterns(*WRITTEN))
        variables = {"DONE_FOLDER": str(folder / "done")}
        programs = []
        for program in (queues(systems, apps), logs(systems, apps)):
            if program.processes:
                running = RunningProgram(program, lambda *_: None, variables)
                stack.callback(running.stop)
                programs.append(running)
        # 멈춘 워커는 확인 응답을 하지 못하므로, 실습 도구의 12초는 너무 짧습니다.
        os.environ.setdefault("CONSUMER_TIMEOUT_SECONDS", "1800")
        for running in programs:
            running.start()
        yield Bench(programs, folder / "done")


def queues(systems: list[System], folder: Path) -> Program:
    """Redis와 RabbitMQ를 쓰는 워커와, 태스크를 넣는 프로세스입니다."""
    mine = [system for system in systems if system.broker != KAFKA]
    processes = {"publisher": "python publisher.py publisher"}
    if any(system.publisher == "arq-publisher" for system in mine):
        processes["arq-publisher"] = f"{arq_python()} python publisher.py arq-publisher"
    for system in mine:
        processes |= system.processes
    needs = frozenset({REDIS, *(system.broker for system in mine)})
    return Program("throughput", "처리량", folder, processes, needs)


def logs(systems: list[System], folder: Path) -> Program:
    """Kafka의 컨슈머입니다."""
    processes: dict[str, str] = {}
    for system in systems:
        if system.broker == KAFKA:
            processes |= system.processes
    return Program("throughput-kafka", "처리량", folder, processes, frozenset({KAFKA}))
