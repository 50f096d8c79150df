"""채점하는 동안만 쓰는 실제 브로커입니다."""

from collections.abc import Callable
from pathlib import Path

from lab.checking.verdict import Trouble
from lab.processes import Child, StartError, wait_until_ready
from lab.services import ServiceUnavailableError, accepts, free_port

START_SECONDS = 20.0
Command = Callable[[int, Path], list[str]]
"""포트와 데이터 디렉터리를 받아 실행할 명령을 돌려줍니다."""


def remedies(message: str) -> str:
    """설치를 권하는 글에서, 이미 실행 중인 브로커의 주소를 주라는 줄을 뺀 것입니다.

    채점은 비어 있는 브로커에서 해야 하므로 그런 주소를 읽지 않습니다.
    """
    useless = ("_URL=", "Docker")
    lines = message.splitlines()
    return "\n".join(line for line in lines if not any(word in line for word in useless))


class Broker:
    """빈 포트에서 실행되는 브로커입니다. 멈추었다가 같은 포트와 데이터로 다시 켤 수 있습니다."""

    def __init__(self, name: str, address: str, command: Command, data: Path) -> None:
        self.name = name
        self.port = free_port()
        self.url = address.format(port=self.port)
        self._command = command
        self._data = data
        self._child: Child | None = None

    def start(self) -> None:
        """시작하고 연결을 받을 때까지 기다립니다.

        Raises:
            Trouble: 이 컴퓨터에서 시작하지 못했을 때.
        """
        try:
            command = self._command(self.port, self._data)
        except ServiceUnavailableError as error:
            raise Trouble(remedies(str(error))) from None
        self._child = Child(self.name, command, self._data, {}, lambda _name, _line: None)
        try:
            wait_until_ready(self._child, lambda: accepts(self.port), START_SECONDS)
        except StartError as error:
            raise Trouble(str(error)) from None

    def kill(self) -> None:
        """kill -9로 끝냅니다."""
        if self._child is not None:
            self._child.kill()
            self._child.wait(5)

    def freeze(self) -> None:
        """연결은 받지만 답하지 않게 합니다."""
        if self._child is not None:
            self._child.suspend(True)

    def thaw(self) -> None:
        """다시 답하게 합니다."""
        if self._child is not None:
            self._child.suspend(False)
