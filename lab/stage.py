"""예제 하나를 깨끗한 복사본에서, 실습 도구를 거쳐 실행합니다.

배우는 사람의 파일은 읽지도 지우지도 않습니다.
"""

import os
import re
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import uvicorn
from fastapi import FastAPI

from lab import catalogue
from lab.consoles import FAULT, SHOWN_ADDRESS
from lab.playing import PlayError
from lab.remote import ask_for_fault
from lab.server import create_app
from lab.services import free_port
from lab.site import ROOT

START_SECONDS = 60
NOTICE_SECONDS = 3
"""고장을 내기 전에, 앞의 요청이 그 프로세스에 닿기를 기다리는 최대 시간(초)입니다."""
COMMAND_SECONDS = 45
"""명령 하나를 기다리는 최대 시간(초)입니다."""
READY = re.compile(r" ready\.$|Listening on ")
"""Celery와 RQ의 워커가 준비되면 내는 줄입니다."""
WRITTEN = ("__pycache__", "*.txt", "*.db", "*.db-*", "*.jsonl")
"""예제를 실행하면 생기는 파일입니다(.gitignore와 같습니다)."""
SENT = ("", ".md", ".toml")
"""페이지의 명령이 업로드할 수 있는, 저장소 맨 위의 파일의 확장자입니다."""


class Stage:
    """실행 중인 프로그램 하나와, 거기에 명령을 실행하는 터미널입니다."""

    def __init__(self, program: catalogue.Program, root: Path, where: str, port: int) -> None:
        self.program = program
        self.port = port
        self.lines: list[tuple[str, str]] = []
        """지금까지의 출력입니다. (프로세스 이름, 줄)이 차례로 들어 있습니다."""
        self._root = root
        self._where = where
        self._seen = 0

    def hear(self, _program: str, process: str, line: str) -> None:
        """실습 도구가 프로그램의 출력을 한 줄씩 넘겨줍니다."""
        self.lines.append((process, line))

    def wait_for(self, condition: Callable[[], bool], seconds: float) -> bool:
        """`condition`이 참이 되기를 최대 `seconds`초 기다립니다."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    def start(self) -> None:
        """프로그램을 시작하고 워커까지 준비되기를 기다립니다.

        Raises:
            PlayError: 시작하지 못했을 때.
        """
        url = f"http://127.0.0.1:{self.port}/lab/programs/{self.program.name}/start"
        state = httpx.post(url, timeout=START_SECONDS, trust_env=False).json()
        if state["state"] != "running":
            reason = [f"{self.program.name}을(를) 시작하지 못했습니다.", *state["error"]]
            raise PlayError("\n".join(reason))
        commands = self.program.processes.values()
        workers = sum(command.startswith(("celery ", "rq ")) for command in commands)
        self.wait_for(lambda: self._ready_workers() >= workers, START_SECONDS)

    def kill(self) -> None:
        """모두 죽입니다. 복사본이므로 하던 일을 마칠 때까지 기다릴 까닭이 없습니다."""
        url = f"http://127.0.0.1:{self.port}/lab/programs/{self.program.name}"
        with httpx.Client(timeout=START_SECONDS, trust_env=False) as client:
            for process in reversed(client.get(url).json()["processes"]):
                client.post(f"{url}/processes/{process['name']}/kill")

    def _ready_workers(self) -> int:
        return sum(READY.search(line) is not None for _, line in self.lines)

    def run(self, command: str) -> str:
        """명령을 실행하고, 터미널에 나왔을 출력을 돌려줍니다."""
        if fault := FAULT.fullmatch(command):
            return self._make_fault(*fault.groups())
        if SHOWN_ADDRESS.search(command):
            self._seen = len(self.lines)
        try:
            result = subprocess.run(
                ["bash", "-c", SHOWN_ADDRESS.sub(f"http://127.0.0.1:{self.port}", command)],
                cwd=self._root / self._where,
                # 터미널에서는 보이지 않는 진행 막대를 끕니다(curlrc).
                env={**os.environ, "CURL_HOME": str(self._root)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                encoding="utf-8",
                errors="replace",
                timeout=COMMAND_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise PlayError(f"{COMMAND_SECONDS}초 안에 끝나지 않았습니다: {command}") from None
        return result.stdout.strip("\n")

    def _make_fault(self, action: str, program: str, process: str) -> str:
        if action == "kill":
            # 사람이 하는 것처럼, 앞의 요청이 프로세스에 닿은 다음에 죽입니다.
            self.wait_for(
                lambda: any(name == process for name, _ in self.lines[self._seen :]),
                NOTICE_SECONDS,
            )
        ask_for_fault(self.port, catalogue.find_program(program).name, process, action)
        return ""


@contextmanager
def staged(name: str, where: str = ".", source: Path = catalogue.EXAMPLES) -> Iterator[Stage]:
    """`source`에 있는 프로그램의 깨끗한 복사본을 시작하고, 끝나면 아무것도 남기지 않습니다.

    `where`는 명령을 실행할 곳입니다. 저장소에서 본 경로입니다.

    Raises:
        UnknownProgramError: 그런 프로그램이 없을 때.
        PlayError: 시작하지 못했을 때.
    """
    folder = catalogue.find_program(name).folder
    section = source / folder.relative_to(catalogue.EXAMPLES).parts[0]
    with ExitStack() as stack:
        temporary = tempfile.TemporaryDirectory(prefix="lab-", ignore_cleanup_errors=True)
        root = Path(stack.enter_context(temporary))
        examples = root / "examples"
        shutil.copytree(section, examples / section.name, ignore=shutil.ignore_patterns(*WRITTEN))
        for file in ROOT.iterdir():
            if file.suffix in SENT and file.is_file():
                shutil.copy(file, root)
        for curlrc in (".curlrc", "_curlrc"):
            (root / curlrc).write_text("silent\nshow-error\n", encoding="utf-8")
        stage = Stage(catalogue.programs(examples)[name], root, where, free_port())
        stack.enter_context(serving(stage, examples))
        stack.callback(stage.kill)
        stage.start()
        yield stage


@contextmanager
def serving(stage: Stage, examples: Path) -> Iterator[None]:
    """`examples`의 프로그램을 실행하는 실습 도구를 이 프로세스의 스레드에서 제공합니다."""
    app = create_app(f"http://127.0.0.1:{stage.port}", None, stage.hear, examples)
    with in_a_thread(app, stage.port):
        yield


@contextmanager
def in_a_thread(app: FastAPI, port: int) -> Iterator[None]:
    """`app`을 이 프로세스의 스레드에서 제공합니다. 나가면 `app`이 띄운 것까지 끝납니다."""
    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    deadline = time.monotonic() + START_SECONDS
    try:
        while thread.is_alive() and not server.started and time.monotonic() < deadline:
            time.sleep(0.02)
        yield
    finally:
        server.should_exit = True
        thread.join()
