"""고장을 내고 되돌립니다. 무엇을 언제 했는지 이력에 적습니다."""

import asyncio
import itertools
import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import psutil

from lab.guard import family
from lab.processes import Child, StartError
from lab.running import RunningProgram
from measurements.durability.history import FAULT, History
from measurements.durability.ways import Way

DOWN_SECONDS = 1.0
"""죽은 것을 다시 시작할 때까지의 시간(초)입니다. 사람이나 systemd가 알아채는 시간입니다."""
WATCH_SECONDS = 0.1
STOP_SECONDS = 20
KILLS = 3
"""자식을 죽이는 횟수입니다."""
KILL_EVERY_SECONDS = 0.7
CHILD_SECONDS = 10
BUSY_SECONDS = (0.03, 0.08)
"""RQ의 자식이 태어난 지 이만큼(초) 되었으면 태스크를 실행하고 있다고 봅니다."""


@dataclass
class Nemesis:
    """한 칸에서 고장을 내는 쪽입니다."""

    program: RunningProgram
    way: Way
    history: History
    silent_seconds: float
    _held: set[str] = field(default_factory=set)

    def tell(self, what: str) -> None:
        """한 일을 적습니다."""
        self.history.add(FAULT, what=what)

    @contextmanager
    def holding(self, process: str) -> Iterator[None]:
        """그동안은 `process`가 끝나 있어도 다시 시작하지 않습니다."""
        self._held.add(process)
        try:
            yield
        finally:
            self._held.discard(process)

    async def keep_alive(self) -> None:
        """스스로 끝난 웹과 워커를 다시 시작합니다(systemd처럼). 취소될 때까지 돌아오지 않습니다."""
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            for process in self.way.processes:
                if self._ended(process):
                    await asyncio.sleep(DOWN_SECONDS)
                    if self._ended(process):
                        await self._start(process, f"스스로 끝난 {process}")

    def _ended(self, process: str) -> bool:
        return process not in self._held and self.program.state(process) == "stopped"

    async def _start(self, process: str, name: str) -> None:
        try:
            await asyncio.to_thread(self.program.act, process, "start")
        except StartError as error:
            # 브로커가 죽어 있으면 바로 끝나는 워커가 있습니다. 다음에 다시 합니다.
            self.tell(f"{name}을(를) 다시 시작하지 못했습니다: {str(error).splitlines()[0]}")
        else:
            self.tell(f"{name} 다시 시작")

    async def terminate(self, process: str) -> None:
        """SIGTERM을 보내고, 끝나면 다시 시작합니다."""
        with self.holding(process):
            child = self.program.find(process).child
            assert child is not None
            self.tell(f"{process}에 SIGTERM")
            child.stop()
            if not await asyncio.to_thread(child.wait, STOP_SECONDS):
                raise StartError(f"{process}이(가) {STOP_SECONDS}초 안에 끝나지 않았습니다")
            self.tell(f"{process} 끝남")
            await asyncio.sleep(DOWN_SECONDS)
            await self._start(process, process)

    async def kill(
        self,
        process: str,
        while_down: Callable[[], None] = lambda: None,
        first: Sequence[psutil.Process] = (),
    ) -> None:
        """자손까지 SIGKILL로 끝내고, 다시 시작합니다. `first`가 있으면 그것부터 죽입니다."""
        child = self.program.find(process).child
        assert child is not None
        with self.holding(process):
            self.tell(f"{process}에 SIGKILL")
            # 자식이 죽은 것을 보고 부모가 뒷정리를 하지 못하게, 부모부터 죽입니다.
            for each in itertools.chain(first, self._family_from_parent(child)):
                with suppress(psutil.NoSuchProcess):
                    each.kill()
            await asyncio.to_thread(child.wait, STOP_SECONDS)
            self.tell(f"{process} 끝남")
            while_down()
            await asyncio.sleep(DOWN_SECONDS)
            await self._start(process, process)

    async def kill_children(self) -> None:
        """태스크를 실행하는 자식 하나를 SIGKILL로 끝내는 일을 몇 번 되풀이합니다."""
        for _ in range(KILLS):
            child = await self._child()
            self.tell(f"{self.way.worker}의 자식 {child.pid}에 SIGKILL")
            with suppress(psutil.NoSuchProcess):
                child.kill()
            await asyncio.sleep(KILL_EVERY_SECONDS)

    async def kill_worker(self) -> None:
        """태스크를 실행하고 있는 워커를 자식까지 SIGKILL로 끝내고, 다시 시작합니다."""
        name = self.way.worker or ""
        first: list[psutil.Process] = []
        if self.way.forks and (pid := self._worker_pid()) is not None:
            # 프로세스를 찾는 동안 짧은 태스크가 끝나지 않게, 찾아 둔 것부터 죽입니다.
            first = [psutil.Process(pid), await self._child()]
        await self.kill(name, first=first)

    def _worker_pid(self) -> int | None:
        child = self.program.find(self.way.worker or "").child
        return child.pid if child else None

    def _family_from_parent(self, child: Child) -> Iterator[psutil.Process]:
        if (pid := child.pid) is not None:
            yield from family(pid)

    async def _child(self) -> psutil.Process:
        """태스크를 실행하고 있는 자식입니다."""
        deadline = time.monotonic() + CHILD_SECONDS
        # 이미 있던 자식은 언제 태어났는지 모릅니다. 운영체제가 말하는 때는 1초까지 틀립니다.
        born = {each.pid: 0.0 for each in self._children()}
        while not (
            children := [each for each in self._children() if self._is_busy(each.pid, born)]
        ):
            if time.monotonic() > deadline:
                raise StartError(f"{self.way.worker}에서 태스크를 실행하는 자식을 찾지 못했습니다")
            await asyncio.sleep(0.005)
        return children[0]

    def _is_busy(self, pid: int, born: dict[int, float]) -> bool:
        """RQ의 자식이면, 태스크를 시작할 만큼은 살았고 마칠 만큼은 살지 않았는지 봅니다."""
        low, high = BUSY_SECONDS
        seconds = time.monotonic() - born.setdefault(pid, time.monotonic())
        return not self.way.forks or low < seconds < high

    def _children(self) -> list[psutil.Process]:
        # psutil.Process(None)은 이 프로세스이므로, 워커가 없으면 찾지 않습니다.
        if (pid := self._worker_pid()) is None:
            return []
        try:
            children = [
                each
                for each in psutil.Process(pid).children()
                if each.status() != psutil.STATUS_ZOMBIE
            ]
            if not self.way.forks:
                return children
            # RQ의 스케줄러와 달리, 태스크를 실행하는 자식은 자기 프로세스 그룹을 만듭니다.
            return [each for each in children if os.getpgid(each.pid) == each.pid]
        except (psutil.NoSuchProcess, ProcessLookupError):
            return []

    async def restart_broker(self, *, keep: bool) -> None:
        """브로커를 SIGKILL로 끝내고 다시 시작합니다. `keep`이 아니면 그사이에 데이터를 지웁니다."""

        def wipe() -> None:
            assert self.way.broker is not None
            shutil.rmtree(self.program.find("broker").folder / (self.way.broker.folder or ""))
            self.tell("broker의 데이터를 지움")

        await self.kill("broker", (lambda: None) if keep else wipe)

    async def silence_broker(self) -> None:
        """브로커를 멈추었다가(연결은 받지만 답하지 않습니다) 다시 움직이게 합니다."""
        self.tell("broker를 멈춤")
        await asyncio.to_thread(self.program.act, "broker", "freeze")
        await asyncio.sleep(self.silent_seconds)
        await asyncio.to_thread(self.program.act, "broker", "thaw")
        self.tell("broker를 다시 움직임")
