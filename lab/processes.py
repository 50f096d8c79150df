"""예제의 프로세스를 guard를 거쳐 실행하고, 출력을 넘겨주고, 남김없이 끝냅니다."""

import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

GUARD = Path(__file__).parent / "guard.py"
SCRIPTS = sysconfig.get_path("scripts")
LAST_LINES = 20
"""시작에 실패했을 때 보여 주려고 기억하는 출력의 줄 수입니다."""


class StartError(RuntimeError):
    """프로세스를 시작하지 못했습니다. 메시지에 이유와 마지막 출력이 들어 있습니다."""


class Child:
    """guard가 맡은 자식 프로세스 하나입니다. 출력은 한 줄씩 `on_line`으로 넘깁니다."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        folder: Path,
        variables: Mapping[str, str],
        on_line: Callable[[str, str], None],
    ) -> None:
        self.name = name
        self.last_lines: deque[str] = deque(maxlen=LAST_LINES)
        self._on_line = on_line
        self._told_to_end = False
        self._guard = subprocess.Popen(
            # -E: guard는 자식에게 줄 PYTHONPATH와 추적 설정을 스스로는 쓰지 않습니다.
            [sys.executable, "-E", str(GUARD), *command],
            cwd=folder,
            # 한글 출력이 깨지거나 늦게 나오지 않게 합니다.
            env={**os.environ, "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1", **variables},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=os.name == "posix",
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._guard.stdout is not None
        with self._guard.stdout as output:
            for line in output:
                self.last_lines.append(line.rstrip())
                self._on_line(self.name, line.rstrip())
        code = self._guard.wait()
        if not self._told_to_end:
            self._on_line(self.name, f"프로세스가 스스로 끝났습니다(종료 코드 {code})")

    def _tell(self, word: str) -> None:
        assert self._guard.stdin is not None
        try:
            self._guard.stdin.write(f"{word}\n")
            self._guard.stdin.flush()
        except (OSError, ValueError):
            return  # 이미 끝났습니다.

    @property
    def returncode(self) -> int | None:
        """종료 코드입니다. 실행 중이면 None입니다."""
        return self._guard.poll()

    def stop(self) -> None:
        """스스로 끝나라고 알립니다. 기다리지는 않습니다."""
        self._told_to_end = True
        self._tell("stop")

    def kill(self) -> None:
        """자손까지 바로 끝냅니다."""
        self._told_to_end = True
        self._tell("kill")

    @property
    def pid(self) -> int | None:
        """guard가 맡은 프로세스의 번호입니다. 끝났으면 None입니다."""
        try:
            children = psutil.Process(self._guard.pid).children()
        except psutil.NoSuchProcess:
            return None
        return children[0].pid if children else None

    def suspend(self, suspended: bool) -> None:
        """자손까지 멈추거나(연결은 받지만 답하지 않습니다) 다시 움직이게 합니다."""
        try:
            family = psutil.Process(self._guard.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return
        for process in family:
            try:
                if suspended:
                    process.suspend()
                else:
                    process.resume()
            except psutil.NoSuchProcess:
                continue

    def wait(self, seconds: float) -> bool:
        """끝나기를 최대 `seconds`초 기다립니다. 끝났으면 True입니다."""
        try:
            self._guard.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        self._reader.join(seconds)
        assert self._guard.stdin is not None
        with suppress(OSError):  # 스스로 끝난 프로세스에 보내려던 지시가 남아 있을 수 있습니다.
            self._guard.stdin.close()
        return True


def resolve(command: str) -> list[str]:
    """Procfile의 명령을 이 파이썬 환경의 실행 파일로 바꿉니다.

    Raises:
        StartError: 실행 파일이 없을 때.
    """
    name, *options = shlex.split(command)
    program = shutil.which(name, path=os.pathsep.join([SCRIPTS, os.environ.get("PATH", "")]))
    if program is None:
        raise StartError(f"{name!r} 명령을 찾지 못했습니다. 'uv sync'를 실행하고 다시 시도하세요")
    if name == "celery" and sys.platform == "win32":
        options += ["--pool", "solo"]  # Celery의 기본 풀은 Windows에서 동작하지 않습니다.
    if name == "rq" and sys.platform == "win32":
        options += [
            "--worker-class",
            "rq.SimpleWorker",
        ]  # 기본 워커는 Windows에 없는 fork를 씁니다.
    return [program, *options]


def wait_until_ready(child: Child, ready: Callable[[], bool], seconds: float) -> None:
    """`ready`가 참이 되기를 기다립니다.

    Raises:
        StartError: 프로세스가 먼저 끝났거나 `seconds`초 안에 준비되지 않았을 때.
    """
    deadline = time.monotonic() + seconds
    while not ready():
        if child.returncode is not None:
            child.wait(1)
            reason = f"{child.name} 프로세스가 시작하다가 끝났습니다(종료 코드 {child.returncode})"
            raise StartError("\n".join([f"{reason}. 마지막 출력:", *child.last_lines]))
        if time.monotonic() > deadline:
            raise StartError(f"{child.name} 프로세스가 {seconds:g}초 안에 준비되지 않았습니다")
        time.sleep(0.02)


def stop_all(children: Iterable[Child], grace: float) -> None:
    """모두에게 끝나라고 알리고, `grace`초 안에 끝나지 않은 것은 강제로 끝냅니다."""
    remaining = list(children)
    deadline = time.monotonic() + grace
    for child in remaining:
        child.stop()
    for child in remaining:
        if not child.wait(max(deadline - time.monotonic(), 0)):
            child.kill()
            child.wait(5)
