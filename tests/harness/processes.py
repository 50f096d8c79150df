"""시험에 쓰는 진짜 자식 프로세스: 웹 서버, 워커, 브로커."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx
import psutil

from harness.waiting import wait_until

SCRIPTS = Path(sys.executable).parent


class Process:
    """출력을 줄 단위로 모으는 자식 프로세스입니다."""

    def __init__(
        self, command: Sequence[str], cwd: Path, env: Mapping[str, str] | None = None
    ) -> None:
        self.lines: list[str] = []
        self.popen = subprocess.Popen(
            command,
            cwd=cwd,
            env={**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1", **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.popen.stdout is not None
        for line in self.popen.stdout:
            self.lines.append(line.rstrip("\n"))

    @property
    def pid(self) -> int:
        return self.popen.pid

    @property
    def output(self) -> str:
        return "\n".join(self.lines)

    def wait_for_line(self, text: str, seconds: float = 20) -> str:
        """`text`가 든 출력 줄을 기다려 돌려줍니다. 프로세스가 먼저 끝나면 실패합니다."""

        def find() -> str | None:
            found = next((line for line in list(self.lines) if text in line), None)
            if found is None and self.popen.poll() is not None and not self._reader.is_alive():
                raise AssertionError(f"프로세스가 끝났습니다({text!r} 없음):\n{self.output}")
            return found

        return wait_until(find, f"출력에 {text!r}:\n{self.output}", seconds) or ""

    def send_signal(self, number: int) -> None:
        self.popen.send_signal(number)

    def wait(self, seconds: float = 20) -> int:
        """끝나기를 기다려 종료 코드를 돌려줍니다. 남은 출력도 마저 읽습니다."""
        code = self.popen.wait(seconds)
        self._close()
        return code

    def _close(self) -> None:
        self._reader.join(10)
        if self.popen.stdout is not None:
            self.popen.stdout.close()

    def terminate(self, seconds: float = 20) -> int:
        """SIGTERM을 보내고 스스로 끝나기를 기다립니다."""
        if self.popen.poll() is None:
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
        self._close()

    def freeze(self) -> None:
        """연결은 받지만 아무 답도 하지 않는 상태로 만듭니다."""
        self.popen.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.popen.send_signal(signal.SIGCONT)


class WebServer(Process):
    """빈 포트에서 실행되는 uvicorn입니다."""

    def __init__(
        self,
        app: str,
        folder: Path,
        cwd: Path,
        env: Mapping[str, str] | None = None,
        options: Sequence[str] = (),
    ) -> None:
        command = [str(SCRIPTS / "uvicorn"), app, "--app-dir", str(folder), "--port", "0", *options]
        super().__init__(command, cwd, env)
        address = re.search(r"http://\S+", self.wait_for_line("Uvicorn running on"))
        assert address is not None
        self.url = address.group()
        self.client = httpx.Client(base_url=self.url, timeout=30)


class Worker(Process):
    """진짜 Celery 워커입니다."""

    def __init__(
        self,
        app: str,
        folder: Path,
        cwd: Path,
        env: Mapping[str, str] | None = None,
        options: Sequence[str] = (),
    ) -> None:
        command = [
            *(str(SCRIPTS / "celery"), "--workdir", str(folder), "-A", app, "worker"),
            *("--loglevel", "INFO", "--concurrency", "1", "--without-mingle", *options),
        ]
        super().__init__(command, cwd, env)
        self.wait_for_line(" ready.")
