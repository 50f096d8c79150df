"""배우는 사람의 코드를 자식 프로세스로 실행하고, 그 프로세스를 기다립니다."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import psutil

from lab.checking import explaining
from lab.checking.limited import OUTPUT_BYTES, LimitedChild, kill_left_behind
from lab.checking.tracing import is_traced
from lab.checking.verdict import Short, happens, wait_until

STOP_SECONDS = 10.0
FLUSH_SECONDS = 1.0
"""타임라인에 보낼 것이 남아 있으면 기다리는 시간(초)입니다."""
T = TypeVar("T")


class Process:
    """답의 코드를 실행하는 프로세스 하나입니다. `with`를 나가면 자손까지 바로 끝냅니다.

    죽인 다음 `with`에 다시 넣으면 같은 폴더에서 다시 시작합니다.
    """

    def __init__(
        self,
        name: str,
        command: Callable[[], Sequence[str]],
        folder: Path,
        environment: Mapping[str, str],
        started: Callable[["Process"], None],
    ) -> None:
        self.name = name
        self._command = command
        self._folder = folder
        self._environment = environment
        self._started = started
        self._child: LimitedChild | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if is_traced() and self.running:
            self.stop(FLUSH_SECONDS)
        self.kill()

    @property
    def child(self) -> LimitedChild:
        assert self._child is not None, "with 안에서 쓰세요"
        return self._child

    def start(self) -> None:
        """프로세스를 시작합니다. 준비되기를 기다리지 않으므로 `wait_output`을 쓰세요."""
        self.kill()
        self._child = LimitedChild(self.name, self._command(), self._folder, self._environment)
        self._started(self)

    @property
    def running(self) -> bool:
        """실행 중이면 참입니다."""
        return self._child is not None and self._child.returncode is None

    @property
    def returncode(self) -> int | None:
        """종료 코드입니다. 실행 중이면 None입니다."""
        return self.child.returncode

    @property
    def pid(self) -> int | None:
        """프로세스의 번호입니다. 끝났으면 None입니다."""
        return self.child.pid

    def children(self) -> list[psutil.Process]:
        """이 프로세스의 자손입니다. 예: Celery 워커가 태스크를 실행하는 프로세스"""
        pid = self.pid
        try:
            return psutil.Process(pid).children(recursive=True) if pid else []
        except psutil.NoSuchProcess:
            return []

    @property
    def output(self) -> str:
        """지금까지의 출력입니다. 다시 시작하면 비워집니다."""
        return self.child.output if self._child is not None else ""

    @property
    def lines(self) -> list[str]:
        """지금까지 끝까지 출력된 줄입니다."""
        return self.output.split("\n")[:-1]

    @property
    def too_much(self) -> bool:
        """출력이 한도를 넘어 멈추었으면 참입니다."""
        return self._child is not None and self._child.too_much

    @property
    def guard_killed(self) -> bool:
        """프로세스를 맡은 guard가 시그널로 끝났으면 참입니다."""
        return self._child is not None and self._child.guard_killed

    def kill(self) -> None:
        """kill -9로 자손까지 바로 끝냅니다."""
        if self._child is not None:
            self._child.kill()
            # 시그널을 받은 guard가 아직 끝나는 중이면 어떻게 끝났는지 알 수 없습니다.
            happens(lambda: not self.running, STOP_SECONDS)
            if self.guard_killed:  # 자손이 남아 있으면 출력이 닫히지 않아 오래 기다립니다.
                happens(self._nothing_is_left, STOP_SECONDS)
            self._child.wait(STOP_SECONDS)

    def _nothing_is_left(self) -> bool:
        # 막 갈라져 나오는 자손은 한 번에 찾지 못할 수 있으므로, 부를 때마다 다시 찾습니다.
        kill_left_behind(self._folder)
        return not self.child.is_heard

    def stop(self, seconds: float = STOP_SECONDS) -> bool:
        """SIGTERM을 보내고 스스로 끝나기를 기다립니다. `seconds`초 안에 끝났으면 True입니다."""
        self.child.stop()
        return self.child.wait(seconds)

    def wait(self, seconds: float, short: Short | None = None) -> int:
        """스스로 끝나기를 기다려 종료 코드를 돌려줍니다.

        Raises:
            Short: `seconds`초 안에 끝나지 않았을 때.
        """
        if not self.child.wait(seconds):
            raise short or Short(
                seen=f"{self.name} 프로세스가 {seconds:g}초 안에 끝나지 않았습니다.",
                why="일을 마치면 스스로 끝나야 합니다.",
                look="끝나지 않는 반복이나, 기다리기만 하는 줄이 있는지 보세요.",
            )
        return self.child.returncode or 0

    def wait_output(self, text: str, seconds: float = 10, short: Short | None = None) -> str:
        """`text`가 든 줄이 출력되기를 기다려 그 줄을 돌려줍니다.

        Raises:
            Short: `seconds`초 안에 나오지 않았거나, 프로세스가 먼저 끝났을 때.
        """

        def find() -> str | None:
            running = self.running
            found = next((line for line in self.output.splitlines() if text in line), None)
            if found is None and not running:
                raise short or explaining.ended_early(self.name, self.returncode, self.output)
            return found

        late = short or Short(
            seen=f"{self.name}의 출력에 {text!r}이(가) {seconds:g}초 안에 나오지 않았습니다.",
            why="이 줄이 나와야 다음을 확인할 수 있습니다.",
            look=f"지금까지의 마지막 줄: {(self.lines or ['없음'])[-1][:200]}",
        )
        return wait_until(find, seconds, late) or ""

    def wait_for(self, condition: Callable[[], T | None], seconds: float, short: Short) -> T:
        """`wait_until`과 같지만, 이 프로세스가 끝났으면 `seconds`초를 다 기다리지 않습니다.

        Raises:
            Short: `seconds`초가 지났거나(`short`), 프로세스가 먼저 끝났거나 너무 많이 출력했을 때.
        """

        def asked() -> T | None:
            running = self.running
            value = condition()
            if value or running:
                return value
            self.child.wait(FLUSH_SECONDS)  # 끝난 까닭이 마저 출력되기를 기다립니다.
            if self.too_much:
                raise explaining.too_much_output(OUTPUT_BYTES / 2**20)
            raise explaining.died(self.name, "일을 마치기 전에", self.returncode, self.output)

        return wait_until(asked, seconds, short)

    def used_cpu(self) -> float:
        """지금까지 쓴 CPU 시간(초)입니다."""
        pid = self.pid
        try:
            return sum(psutil.Process(pid).cpu_times()[:2]) if pid else 0.0
        except psutil.NoSuchProcess:
            return 0.0
