"""테스트에 쓰는 실제 자식 프로세스: 웹 서버, 워커, 브로커."""

import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx
import psutil

from harness import preloaded
from harness.waiting import wait_until

SCRIPTS = Path(sys.executable).parent


def without_coverage() -> dict[str, str]:
    """커버리지를 잴 필요가 없는 자식의 환경 변수입니다. 재지 않으면 훨씬 빨리 실행됩니다."""
    return {name: value for name, value in os.environ.items() if "COVERAGE" not in name}


class Process:
    """출력을 파일에 모으는 자식 프로세스입니다."""

    popen: "subprocess.Popen[bytes] | preloaded.Popen"
    measured = False
    """examples/의 코드를 실행하므로 커버리지를 재어야 하면 참입니다."""

    def __init__(
        self, command: Sequence[str], cwd: Path, env: Mapping[str, str] | None = None
    ) -> None:
        handle, name = tempfile.mkstemp(prefix="process-", suffix=".log")
        self._output = Path(name)
        inherited = os.environ if self.measured else without_coverage()
        environment = {**inherited, "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1", **(env or {})}
        with os.fdopen(handle, "wb") as output:
            self.popen = self._start(command, cwd, environment, output.fileno())

    def _start(
        self, command: Sequence[str], cwd: Path, env: Mapping[str, str], output: int
    ) -> "subprocess.Popen[bytes] | preloaded.Popen":
        return subprocess.Popen(
            command,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        return self.popen.pid

    @property
    def output(self) -> str:
        return self._output.read_text(encoding="utf-8", errors="replace")

    @property
    def lines(self) -> list[str]:
        """지금까지 끝까지 출력된 줄입니다."""
        return self.output.split("\n")[:-1]

    def wait_for_line(self, text: str, seconds: float = 30) -> str:
        """`text`가 든 출력 줄을 기다려 돌려줍니다. 프로세스가 먼저 끝나면 실패합니다."""

        def find() -> str | None:
            ended = self.popen.poll() is not None
            found = next((line for line in self.lines if text in line), None)
            if found is None and ended:
                raise AssertionError(f"프로세스가 끝났습니다({text!r} 없음):\n{self.output}")
            return found

        return wait_until(find, f"출력에 {text!r}", seconds) or ""

    def send_signal(self, number: int) -> None:
        self.popen.send_signal(number)

    def wait(self, seconds: float = 30) -> int:
        """끝나기를 기다려 종료 코드를 돌려줍니다."""
        return self.popen.wait(seconds)

    def terminate(self, seconds: float = 30) -> int:
        """SIGTERM을 보내고 스스로 끝나기를 기다립니다."""
        self.popen.terminate()
        return self.wait(seconds)

    def kill(self) -> None:
        """자손까지 모두 SIGKILL로 끝냅니다."""
        try:
            family = [psutil.Process(self.pid), *psutil.Process(self.pid).children(recursive=True)]
        except psutil.NoSuchProcess:
            family = []
        for process in family:
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        self.popen.wait(10)

    def freeze(self) -> None:
        """연결은 받지만 아무 답도 하지 않는 상태로 만듭니다."""
        self.popen.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.popen.send_signal(signal.SIGCONT)


class PythonModule(Process):
    """`python -m 모듈`입니다. 되도록 모듈을 미리 읽어 둔 프로세스에서 갈라져 나옵니다."""

    measured = True

    def _start(
        self, command: Sequence[str], cwd: Path, env: Mapping[str, str], output: int
    ) -> "subprocess.Popen[bytes] | preloaded.Popen":
        module, *arguments = command
        if preloaded.AVAILABLE:
            return preloaded.Popen(module, arguments, cwd, env, self._output)
        return super()._start([sys.executable, "-m", *command], cwd, env, output)


class WebServer(PythonModule):
    """빈 포트에서 실행되는 uvicorn입니다."""

    def __init__(
        self,
        app: str,
        folder: Path,
        cwd: Path,
        env: Mapping[str, str] | None = None,
        options: Sequence[str] = (),
    ) -> None:
        super().__init__(
            ["uvicorn", app, "--app-dir", str(folder), "--port", "0", *options], cwd, env
        )
        address = re.search(r"http://\S+", self.wait_for_line("Uvicorn running on"))
        assert address is not None
        self.url = address.group()
        # uvicorn은 태스크가 예외를 내면 그 연결을 닫으므로 요청마다 새로 연결합니다.
        limits = httpx.Limits(max_keepalive_connections=0)
        self.client = httpx.Client(base_url=self.url, timeout=30, limits=limits)


class Worker(PythonModule):
    """실제 Celery 워커입니다."""

    def __init__(
        self,
        app: str,
        folder: Path,
        cwd: Path,
        env: Mapping[str, str] | None = None,
        options: Sequence[str] = (),
    ) -> None:
        command = [
            *("celery", "--workdir", str(folder), "-A", app, "worker"),
            *("--loglevel", "INFO", "--concurrency", "1", "--without-mingle", *options),
        ]
        super().__init__(command, cwd, env)
        self.wait_for_line(" ready.")


class RQWorker(PythonModule):
    """실제 RQ 워커입니다. Procfile이나 함정의 docstring에 적힌 명령을 그대로 실행합니다."""

    def __init__(
        self,
        command_line: str,
        folder: Path,
        cwd: Path,
        env: Mapping[str, str] | None = None,
        options: Sequence[str] = (),
    ) -> None:
        _, *arguments = shlex.split(command_line)
        super().__init__(["rq.cli", *arguments, "--path", str(folder), *options], cwd, env)
        self.wait_for_line("Listening on")

    def work_horses(self) -> list[psutil.Process]:
        """태스크를 실행하고 있는 자식입니다. 스케줄러와 달리 자기 프로세스 그룹을 만듭니다."""
        try:
            children = psutil.Process(self.pid).children()
            return [child for child in children if os.getpgid(child.pid) == child.pid]
        except (psutil.NoSuchProcess, ProcessLookupError):
            return []

    def kill_work_horse(self) -> None:
        """태스크를 실행하고 있는 자식만 SIGKILL로 끝냅니다."""
        (horse,) = self.work_horses()
        horse.kill()

    def wait_for_work_horse(self) -> None:
        """태스크를 실행하던 자식이 스스로 끝나, 잰 커버리지를 적기를 기다립니다."""
        wait_until(lambda: not self.work_horses(), "태스크를 실행하던 자식의 끝")


class Script(PythonModule):
    """예제의 파이썬 파일입니다. `python 파일 인자…`처럼 실행합니다."""

    def __init__(
        self,
        file: Path,
        cwd: Path,
        env: Mapping[str, str] | None = None,
        arguments: Sequence[str] = (),
    ) -> None:
        path = {"PYTHONPATH": str(file.parent)}
        super().__init__([file.stem, *arguments], cwd, {**path, **(env or {})})
