"""표의 한 칸을 잽니다: 시작하고, 보내는 동안 고장을 내고, 조용해지기를 기다립니다."""

import asyncio
import itertools
import random
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from lab.running import RunningProgram
from measurements.client import fetch
from measurements.durability.history import (
    DONE,
    LEFT,
    OK,
    REFUSED,
    SUBMIT,
    UNKNOWN,
    Effects,
    Event,
    History,
)
from measurements.durability.nemesis import Fault, Nemesis
from measurements.durability.ways import Way
from measurements.results import MeasurementError

CLIENTS = 20
PAUSE = (0.2, 0.4)
"""클라이언트가 답을 받고 다음 것을 보내기까지 쉬는 시간(초)의 범위입니다."""
PAUSE_AFTER_ERROR = 1.0
"""2xx를 받지 못했을 때 더 쉬는 시간(초)입니다."""
ANSWER_SECONDS = 30
IN_FLIGHT = 3
"""고장을 낼 때 적어도 이만큼은, 응답은 나갔고 일은 끝나지 않았습니다."""
WARM_SECONDS = 60
STABLE_SECONDS = 2.0
"""할 일이 남지 않은 뒤에도, 두 번 실행되는 것이 있는지 이만큼 더 봅니다."""
LONGEST_SECONDS = 300
POLL_SECONDS = 0.5


@dataclass(frozen=True)
class Scale:
    """얼마나 보내는지입니다."""

    tasks: int
    """응답을 받는 것이 이만큼 될 때까지 보냅니다. 3분의 1에서 고장을 냅니다."""
    silent_seconds: float

    @property
    def before(self) -> int:
        """고장을 내기 전에 응답을 받는 것의 수입니다."""
        return self.tasks // 3

    @property
    def after(self) -> int:
        """고장을 되돌린 뒤에 응답을 받는 것의 수입니다."""
        return self.tasks // 4


class Cell:
    """방법 하나와 고장 하나입니다."""

    def __init__(self, way: Way, fault: Fault, scale: Scale) -> None:
        self.way = way
        self.fault = fault
        self.scale = scale
        self.name = f"{way.name}-{fault.name}"
        self.history = History()
        self._acknowledged: set[int] = set()
        self._numbers: Iterator[int] = itertools.count(1)

    async def run(self) -> list[Event]:
        """재고, 일어난 차례로 늘어놓은 역사를 돌려줍니다. 시작한 프로세스는 모두 끝냅니다.

        Raises:
            StartError, ServiceUnavailableError: 시작하지 못했을 때.
            MeasurementError: 고장을 내기 전부터 태스크가 실행되지 않을 때.
        """
        async with self._started() as program:
            await self._warm_up(program)
            self.history = History()
            nemesis = Nemesis(program, self.way, self.history, self.scale.silent_seconds)
            keeper = asyncio.create_task(nemesis.keep_alive())
            try:
                await self._send_and_break(program, nemesis)
                await self._until_quiet(program)
            finally:
                keeper.cancel()
            # 워커가 끝나야, 확인 응답을 하지 않고 쥐고 있던 메시지를 RabbitMQ가 큐에 돌려놓습니다.
            await asyncio.to_thread(end, program, self.way.processes)
            await self._read_what_is_left()
        for line in self._effects.refresh():
            if line["number"] > 0:
                self.history.at(line["time"], DONE, number=line["number"], pid=line["pid"])
        return self.history.in_order()

    @asynccontextmanager
    async def _started(self) -> AsyncIterator[RunningProgram]:
        with tempfile.TemporaryDirectory(prefix="measure-", ignore_cleanup_errors=True) as place:
            folder = Path(place)
            self._effects = Effects(folder / "effects.jsonl")
            variables = {**self.way.variables, "EFFECTS_FILE": str(self._effects.file)}
            program = RunningProgram(self.way.staged(folder), lambda *_: None, variables)
            try:
                await asyncio.to_thread(program.start)
                self._broker_url = program.processes["web"].variables.get(self.way.broker or "", "")
                yield program
            finally:
                await asyncio.to_thread(end, program, program.processes)
                await asyncio.to_thread(program.stop)

    async def _warm_up(self, program: RunningProgram) -> None:
        """워커가 준비될 때까지, 세지 않을 태스크를 보냅니다."""
        deadline = time.monotonic() + WARM_SECONDS
        sent = 0
        for number in itertools.count(0, -1):
            with suppress(OSError, TimeoutError):
                answer = await fetch(program.url, self.way.request(number), ANSWER_SECONDS)
                sent += answer.status < 300
            await asyncio.sleep(POLL_SECONDS)
            if self._effects.refresh():
                break
            if time.monotonic() > deadline:
                raise MeasurementError(f"{self.name}: 워커가 태스크를 실행하지 않습니다")
        await self._until(lambda: len(self._effects.refresh()) >= sent, seconds=WARM_SECONDS)

    async def _send_and_break(self, program: RunningProgram, nemesis: Nemesis) -> None:
        enough = asyncio.Event()
        async with asyncio.timeout(LONGEST_SECONDS), asyncio.TaskGroup() as group:
            for _ in range(CLIENTS):
                group.create_task(self._client(program.url, enough))
            await self._until(self._is_busy, seconds=LONGEST_SECONDS, pause=0.005)
            await self.fault.inject(nemesis)
            goal = max(self.scale.tasks, len(self._acknowledged) + self.scale.after)
            await self._until(
                lambda: len(self._acknowledged) >= goal, seconds=LONGEST_SECONDS, pause=0.05
            )
            enough.set()

    async def _client(self, url: str, enough: asyncio.Event) -> None:
        """하나를 보내고 답을 받은 다음 쉬었다가, 다음 번호를 보냅니다. 다시 보내지는 않습니다."""
        await asyncio.sleep(random.uniform(0, PAUSE[1]))
        while not enough.is_set():
            number = next(self._numbers)
            if await self._ask(url, number):
                self._acknowledged.add(number)
            else:
                await asyncio.sleep(PAUSE_AFTER_ERROR)
            await asyncio.sleep(random.uniform(*PAUSE))

    async def _ask(self, url: str, number: int) -> bool:
        """태스크 `number`를 맡기고 답을 적습니다. 2xx를 받았으면 참입니다."""
        self.history.add(SUBMIT, number=number)
        try:
            answer = await fetch(url, self.way.request(number), ANSWER_SECONDS)
        except ConnectionRefusedError:
            self.history.add(REFUSED, number=number)
            return False
        except (OSError, TimeoutError) as error:
            self.history.add(UNKNOWN, number=number, why=type(error).__name__)
            return False
        good = 200 <= answer.status < 300
        self.history.add(OK if good else UNKNOWN, number=number, status=answer.status)
        return good

    def _unfinished(self) -> int:
        done = {line["number"] for line in self._effects.refresh()}
        return len(self._acknowledged - done)

    def _is_busy(self) -> bool:
        return len(self._acknowledged) >= self.scale.before and self._unfinished() >= IN_FLIGHT

    async def _until_quiet(self, program: RunningProgram) -> None:
        """할 일이 남지 않았거나, 오래 기다려도 실행되는 것이 없을 때까지 기다립니다."""
        seen, changed = -1, time.monotonic()
        deadline = time.monotonic() + LONGEST_SECONDS
        while time.monotonic() < deadline:
            if (now := len(self._effects.refresh())) != seen:
                seen, changed = now, time.monotonic()
            quiet = time.monotonic() - changed
            if quiet > self.way.patience:
                return
            if quiet > STABLE_SECONDS and not self._unfinished():
                waiting = await asyncio.to_thread(self.way.leftovers.waiting, self._broker_url)
                if not waiting:
                    return
            await asyncio.sleep(POLL_SECONDS)
        raise MeasurementError(f"{self.name}: {LONGEST_SECONDS}초가 지나도 조용해지지 않습니다")

    async def _read_what_is_left(self) -> None:
        left = await asyncio.to_thread(self.way.leftovers.left, self._broker_url)
        for number, where in sorted(left.items()):
            if number > 0:
                self.history.add(LEFT, number=number, where=where)

    async def _until(
        self, condition: Callable[[], bool], seconds: float, pause: float = POLL_SECONDS
    ) -> None:
        async with asyncio.timeout(seconds):
            while not condition():
                await asyncio.sleep(pause)


def end(program: RunningProgram, processes: Iterable[str]) -> None:
    """프로세스를 죽입니다. 셀 것을 다 세었으므로 기다려 줄 까닭이 없습니다."""
    for name in processes:
        child = program.find(name).child
        if child is not None:
            child.kill()
            child.wait(STABLE_SECONDS)
