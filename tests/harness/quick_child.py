"""실습 도구가 예제를 실행하는 `lab.processes.Child`의 자리에 넣는, 빨리 시작하는 자식입니다."""

import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psutil

from harness.processes import Process, PythonModule

PRELOADED = {"uvicorn": "uvicorn", "celery": "celery", "rq": "rq.cli"}


class Unmeasured(PythonModule):
    measured = False


class QuickChild:
    """Child처럼 다룹니다. uvicorn, celery, rq는 미리 읽어 둔 프로세스에서 갈라져 나옵니다."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        folder: Path,
        variables: Mapping[str, str],
        on_line: Callable[[str, str], None],
    ) -> None:
        self.name = name
        self.last_lines: deque[str] = deque(maxlen=20)
        program = Path(command[0]).name
        self._process: Process
        if program in PRELOADED:
            self._process = Unmeasured([PRELOADED[program], *command[1:]], folder, variables)
        elif command[0] == sys.executable and command[1].endswith(".py"):
            module = Path(command[1]).stem
            self._process = Unmeasured([module, *command[2:]], folder, variables)
        else:
            self._process = Process(command, folder, variables)
        self._on_line = on_line
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        heard = 0
        while True:
            ended = self.returncode is not None
            lines = self._process.lines
            for line in lines[heard:]:
                self.last_lines.append(line)
                self._on_line(self.name, line)
            heard = len(lines)
            if ended:
                return
            time.sleep(0.02)

    @property
    def returncode(self) -> int | None:
        return self._process.popen.poll()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self.returncode is None else None

    def stop(self) -> None:
        if self.returncode is None:
            self._process.popen.terminate()

    def kill(self) -> None:
        self._process.kill()

    def suspend(self, suspended: bool) -> None:
        if self.returncode is not None:
            return
        process = psutil.Process(self._process.pid)
        for each in (process, *process.children(recursive=True)):
            if suspended:
                each.suspend()
            else:
                each.resume()

    def wait(self, seconds: float) -> bool:
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        self._reader.join(seconds)
        return True
