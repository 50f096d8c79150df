"""잴 서버를 실행합니다: 예제의 깨끗한 복사본, 또는 measurements/apps/의 작은 앱."""

import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from lab import catalogue
from lab.catalogue import VARIABLE, Program, names_in
from lab.processes import Child, stop_all, wait_until_ready
from lab.running import RunningProgram
from lab.services import accepts, free_port
from lab.stage import WRITTEN

APPS = Path(__file__).parent / "apps"
START_SECONDS = 10
QUIET = "--no-access-log"
"""재는 동안에는 요청마다 로그를 적지 않습니다. 터미널의 속도를 재지 않으려는 것입니다."""


def quiet(program: Program) -> Program:
    """웹이 요청마다 로그를 적지 않게 합니다."""
    commands = {
        name: f"{command} {QUIET}" if command.startswith("uvicorn ") else command
        for name, command in program.processes.items()
    }
    return replace(program, processes=commands)


def app_of(name: str) -> Program:
    """measurements/apps/의 앱 하나입니다."""
    file = APPS / f"{name}.py"
    command = f"uvicorn {name}:app"
    return Program(name, name, APPS, {"web": command}, names_in(VARIABLE, file))


@contextmanager
def started(
    name: str, *, only: Sequence[str] = (), variables: Mapping[str, str] | None = None
) -> Iterator[RunningProgram]:
    """예제나 함정, 앱을 빈 폴더의 복사본에서 시작하고, 끝나면 아무것도 남기지 않습니다.

    `only`를 주면 Procfile의 프로세스 가운데 그것만 실행합니다. 브로커는 늘 실행합니다.

    Raises:
        StartError, ServiceUnavailableError: 시작하지 못했을 때.
    """
    with ExitStack() as stack:
        temporary = tempfile.TemporaryDirectory(prefix="measure-", ignore_cleanup_errors=True)
        folder = Path(stack.enter_context(temporary))
        program = quiet(copied(name, folder))
        if only:
            chosen = {each: program.processes[each] for each in only}
            program = replace(program, processes=chosen)
        running = RunningProgram(program, lambda _process, _line: None, variables or {})
        stack.callback(running.stop)
        running.start()
        yield running


@contextmanager
def started_together(
    *names: str, only: Sequence[str] = (), variables: Mapping[str, str] | None = None
) -> Iterator[list[RunningProgram]]:
    """여러 개를 함께 시작합니다. 시작하는 시간은 대부분 임포트를 기다리는 시간입니다."""
    with ExitStack() as stack:
        with ThreadPoolExecutor() as pool:
            starting = [
                pool.submit(stack.enter_context, started(name, only=only, variables=variables))
                for name in names
            ]
        yield [each.result() for each in starting]


@contextmanager
def bare_server() -> Iterator[str]:
    """정해진 바이트로 답하는 서버의 주소입니다."""
    port = free_port()
    command = [sys.executable, str(APPS / "bare_server.py"), str(port)]
    child = Child("bare", command, APPS, {}, lambda _process, _line: None)
    try:
        wait_until_ready(child, lambda: accepts(port), START_SECONDS)
        yield f"http://127.0.0.1:{port}"
    finally:
        stop_all([child], START_SECONDS)


def copied(name: str, folder: Path) -> Program:
    """`folder`에 만든 복사본입니다. 배우는 사람의 폴더에 파일을 남기지 않습니다."""
    ignored = shutil.ignore_patterns(*WRITTEN)
    if (APPS / f"{name}.py").exists():
        shutil.copytree(APPS, folder / "apps", ignore=ignored)
        return replace(app_of(name), folder=folder / "apps")
    source = catalogue.find_program(name).folder.relative_to(catalogue.EXAMPLES).parts[0]
    shutil.copytree(catalogue.EXAMPLES / source, folder / source, ignore=ignored)
    known = {program.name: program for program in catalogue.programs(folder).values()}
    return known[catalogue.find_program(name).name]
