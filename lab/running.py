"""예제 하나를 실행합니다: 필요한 서비스를 먼저, 그다음 Procfile의 프로세스를."""

import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from lab.catalogue import Program
from lab.processes import Child, StartError, resolve, stop_all, wait_until_ready
from lab.services import accepts, free_port, services_for

START_SECONDS = 60
"""RabbitMQ는 느린 컴퓨터에서 시작하는 데 오래 걸립니다."""
STOP_SECONDS = 8
"""프로세스 하나를 멈출 때, 실행 중인 태스크가 끝나기를 기다려 주는 시간(초)입니다."""
CLOSE_SECONDS = {"examples": 3.0, "services": 1.0}
"""모두 끝낼 때 기다려 주는 시간(초)입니다. Ctrl+C를 누르면 5초 안에 아무것도 남지 않게 합니다."""

# 워커가 죽은 뒤의 재배달(시간 제한의 두 배 뒤)을 수업 시간 안에 볼 수 있게 하고,
# 컨슈머가 이벤트를 처리하는 동안 사람이 죽일 틈을 줍니다.
CLASSROOM = {"TASK_TIME_LIMIT": "10", "COUPON_SECONDS": "5"}


DATA_PREFIX = "lab-data-"


def forget_stale_data() -> None:
    """kill -9로 끝난 실습 도구가 지우지 못한 데이터를 지웁니다."""
    for folder in Path(tempfile.gettempdir()).glob(f"{DATA_PREFIX}*"):
        owner = folder.name.removeprefix(DATA_PREFIX).partition("-")[0]
        if owner.isdigit() and not psutil.pid_exists(int(owner)):
            shutil.rmtree(folder, ignore_errors=True)


class UnknownProcessError(LookupError):
    """그런 프로세스가 없습니다. 메시지는 있는 이름을 알려 줍니다."""


@dataclass
class Process:
    """프로세스 하나를 다시 시작하는 데 필요한 것과, 지금 실행 중인 자식입니다."""

    command: list[str]
    folder: Path
    variables: dict[str, str]
    port: int | None = None
    """이 포트에 연결되면 준비된 것입니다. None이면 기다리지 않습니다."""
    child: Child | None = None
    frozen: bool = False


@dataclass
class RunningProgram:
    """실행 중인 예제입니다. `stop`을 부르면 아무 프로세스도 남지 않습니다."""

    program: Program
    on_line: Callable[[str, str], None]
    tracing: Mapping[str, str] = field(default_factory=dict)
    """자식의 환경 변수에 더할 추적 설정입니다."""

    def __post_init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.processes: dict[str, Process] = {}
        self._services: set[str] = set()
        self._lock = threading.Lock()
        self._ended = False
        self._data = Path(tempfile.mkdtemp(prefix=f"{DATA_PREFIX}{os.getpid()}-"))

    def start(self) -> None:
        """모든 프로세스를 시작하고, 웹이 요청을 받을 때까지 기다립니다.

        Raises:
            StartError: 어떤 프로세스가 시작하지 못했을 때. 먼저 시작한 것은 `stop`으로 끝냅니다.
            ServiceUnavailableError: 필요한 서비스를 이 컴퓨터에서 실행할 수 없을 때.
        """
        variables = {
            **{name: os.environ.get(name, value) for name, value in CLASSROOM.items()},
            **self.tracing,
            "UVICORN_HOST": "127.0.0.1",
            "UVICORN_PORT": str(self.port),
        }
        for service in services_for(self.program.variables):
            port = free_port()
            command = service.command(port, self._data)
            self.processes[service.name] = Process(command, self._data, {}, port)
            self._services.add(service.name)
            self.launch(service.name)
            variables[service.variable] = service.value.format(port=port)
        for name, source in self.program.borrowed.items():
            variables[name] = variables.get(source) or os.environ[source]
        for name, command_line in self.program.processes.items():
            port_to_wait = self.port if name == "web" else None
            own = {**variables, "OTEL_SERVICE_NAME": name}
            command = resolve(command_line)
            self.processes[name] = Process(command, self.program.folder, own, port_to_wait)
        # 워커가 준비되는 동안 웹도 준비되도록, 모두 시작한 뒤에 기다립니다.
        waiting = [name for name in self.processes if name not in self._services]
        for name in waiting:
            self._spawn(name)
        for name in waiting:
            self._wait(name)

    def launch(self, name: str) -> None:
        """프로세스 하나를 시작하고 준비될 때까지 기다립니다.

        Raises:
            StartError: 시작하지 못했을 때.
        """
        self._spawn(name)
        self._wait(name)

    def _spawn(self, name: str) -> None:
        process = self.find(name)
        with self._lock:
            if self._ended:
                raise StartError(f"끝내는 중이라 {name} 프로세스를 시작하지 않았습니다")
            if self.state(name) != "stopped":
                raise StartError(f"{name} 프로세스는 이미 실행 중입니다")
            process.frozen = False
            process.child = Child(
                name, process.command, process.folder, process.variables, self.on_line
            )

    def _wait(self, name: str) -> None:
        process = self.find(name)
        port = process.port
        if process.child is not None and port is not None:
            wait_until_ready(process.child, lambda: accepts(port), START_SECONDS)

    def find(self, name: str) -> Process:
        """이름으로 프로세스를 찾습니다.

        Raises:
            UnknownProcessError: 그런 프로세스가 없을 때.
        """
        if name not in self.processes:
            known = ", ".join(self.processes)
            raise UnknownProcessError(f"{name!r} 프로세스가 없습니다. 있는 프로세스: {known}")
        return self.processes[name]

    def act(self, name: str, action: str) -> None:
        """프로세스에 고장을 내거나 되돌립니다.

        Raises:
            UnknownProcessError: 그런 프로세스가 없을 때.
            StartError: 다시 시작하지 못했거나, 지금 상태에서 할 수 없는 일일 때.
        """
        process = self.find(name)
        if action == "start":
            self.launch(name)
            return
        if process.child is None or process.child.returncode is not None:
            raise StartError(f"{name} 프로세스는 실행 중이 아닙니다. 먼저 start를 하세요")
        if action in ("freeze", "thaw"):
            if process.frozen == (action == "freeze"):
                now = "이미 얼어 있습니다" if process.frozen else "얼어 있지 않습니다"
                raise StartError(f"{name} 프로세스는 {now}")
            process.child.suspend(action == "freeze")
            process.frozen = action == "freeze"
        elif action == "kill":
            process.child.kill()
            process.child.wait(STOP_SECONDS)
        else:
            if process.frozen:
                process.child.suspend(False)
            stop_all([process.child], STOP_SECONDS)

    def state(self, name: str) -> str:
        """프로세스의 상태("running", "stopped", "frozen")입니다."""
        process = self.find(name)
        if process.child is None or process.child.returncode is not None:
            return "stopped"
        return "frozen" if process.frozen else "running"

    def describe(self) -> list[dict[str, Any]]:
        """프로세스마다 이름, 번호, 상태를 담은 딕셔너리입니다."""
        return [
            {
                "name": name,
                "pid": process.child.pid if process.child else None,
                "state": self.state(name),
            }
            for name, process in self.processes.items()
        ]

    def stop(self) -> None:
        """프로세스를 모두 끝내고 데이터를 지웁니다. 서비스는 나머지가 끝난 뒤에 끝냅니다.

        다른 스레드가 시작하던 중이면 그것도 그만두게 합니다.
        """
        with self._lock:
            self._ended = True
        for kind, seconds in CLOSE_SECONDS.items():
            children = [
                process.child
                for name, process in self.processes.items()
                if process.child is not None and (name in self._services) == (kind == "services")
            ]
            for child in children:
                child.suspend(False)
            stop_all(children, seconds)
        shutil.rmtree(self._data, ignore_errors=True)
