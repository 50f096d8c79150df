"""예제 하나를 실행합니다: 필요한 서비스를 먼저, 그다음 Procfile의 프로세스를."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from lab.catalogue import Program
from lab.processes import Child, resolve, stop_all, wait_until_ready
from lab.services import accepts, free_port, services_for

START_SECONDS = 30
STOP_SECONDS = 8
"""실행 중인 태스크가 끝나기를 기다려 주는 시간(초)입니다."""


class RunningProgram:
    """실행 중인 예제입니다. `stop`을 부르면 아무 프로세스도 남지 않습니다."""

    def __init__(self, program: Program, port: int, on_line: Callable[[str, str], None]) -> None:
        self.program = program
        self.url = f"http://127.0.0.1:{port}"
        self.services: list[Child] = []
        self.children: list[Child] = []
        self._port = port
        self._on_line = on_line
        self._data = Path(tempfile.mkdtemp(prefix="lab-"))

    def start(self) -> None:
        """모든 프로세스를 시작하고, 웹이 요청을 받을 때까지 기다립니다.

        Raises:
            StartError: 어떤 프로세스가 시작하지 못했을 때. 먼저 시작한 것은 `stop`으로 끝냅니다.
            ServiceUnavailableError: 필요한 서비스를 이 컴퓨터에서 실행할 수 없을 때.
        """
        variables = {"UVICORN_HOST": "127.0.0.1", "UVICORN_PORT": str(self._port)}
        for service in services_for(self.program.variables):
            port = free_port()
            command = service.command(port, self._data)
            child = Child(service.name, command, self._data, {}, self._on_line)
            self.services.append(child)
            wait_until_ready(child, lambda port=port: accepts(port), START_SECONDS)  # type: ignore[misc]
            variables[service.variable] = service.value.format(port=port)
        for name, command_line in self.program.processes.items():
            command = resolve(command_line)
            self.children.append(
                Child(name, command, self.program.folder, variables, self._on_line)
            )
        for child in self.children:
            if child.name == "web":
                wait_until_ready(child, lambda: accepts(self._port), START_SECONDS)

    def ended(self) -> Child | None:
        """스스로 끝난 프로세스가 있으면 돌려줍니다."""
        children = [*self.children, *self.services]
        return next((child for child in children if child.returncode is not None), None)

    def stop(self) -> None:
        """프로세스를 모두 끝내고 데이터를 지웁니다. 서비스는 나머지가 끝난 뒤에 끝냅니다."""
        stop_all(self.children, STOP_SECONDS)
        stop_all(self.services, STOP_SECONDS)
        shutil.rmtree(self._data, ignore_errors=True)
