"""출력에 한도가 있고, 무엇을 하든 남김없이 끝낼 수 있는 자식입니다."""

import codecs
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from lab.processes import Child

OUTPUT_BYTES = 2**20
"""프로세스 하나의 출력이 이보다 많으면 멈춥니다."""
CHUNK = 65536


def kill_left_behind(folder: Path) -> None:
    """guard를 벗어난 자손을 끝냅니다. PYTHONPATH에 있는, 채점마다 다른 `folder`로 찾습니다."""
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if str(folder) in process.environ().get("PYTHONPATH", ""):
                process.kill()


class LimitedChild(Child):
    """출력을 줄이 아니라 덩어리로 읽고, 한도를 넘으면 끝내는 자식입니다."""

    def __init__(
        self, name: str, command: Sequence[str], folder: Path, variables: Mapping[str, str]
    ) -> None:
        self.chunks: list[str] = []
        self.too_much = False
        super().__init__(name, command, folder, variables, lambda _name, _line: None)

    def _read(self) -> None:
        assert self._guard.stdout is not None
        decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        size = 0
        with self._guard.stdout as output:
            while chunk := output.buffer.read1(CHUNK):  # type: ignore[attr-defined]
                size += len(chunk)
                if size <= OUTPUT_BYTES:
                    self.chunks.append(decode(chunk))
                elif not self.too_much:
                    self.too_much = True
                    self.kill()

    @property
    def guard_killed(self) -> bool:
        """guard가 시그널로 끝났으면 참입니다. guard가 전하는 종료 코드는 음수가 되지 않습니다."""
        return (self.returncode or 0) < 0

    @property
    def is_heard(self) -> bool:
        """출력이 아직 닫히지 않았으면 참입니다."""
        return self._reader.is_alive()

    @property
    def output(self) -> str:
        """지금까지의 출력입니다."""
        return "".join(list(self.chunks)).replace("\r\n", "\n")
