"""표의 한 칸을 잽니다: 시작하고, 보내는 동안 고장을 내고, 조용해지기를 기다립니다."""

import asyncio
import itertools
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from lab.running import RunningProgram
from measurements.client import fetch
from measurements.durability.brokers import QUEUES, failed_in_celery
from measurements.durability.clients import ANSWER_SECONDS, Clients
from measurements.durability.faults import Fault, name_of
from measurements.durability.history import DONE, FAILED, LEFT, Effects, Event, History
from measurements.durability.nemesis import Nemesis
from measurements.durability.scale import Scale
from measurements.durability.ways import Way
from measurements.results import MeasurementError

IN_FLIGHT = 3
"""고장을 낼 때 적어도 이만큼은, 응답은 나갔고 일은 끝나지 않았습니다."""
STABLE_SECONDS = 2.0
"""할 일이 남지 않은 뒤에도, 두 번 실행되는 것이 있는지 이만큼 더 봅니다."""
QUEUED_SECONDS = 60
"""큐에 든 것이 있으면, 다시 시작한 워커가 꺼낼 때까지 적어도 이만큼 기다립니다."""
WARM_SECONDS = 60
LONGEST_SECONDS = 300
POLL_SECONDS = 0.5
KILL_SECONDS = 5


class Cell:
    """방법 하나와 고장 하나입니다."""

    def __init__(self, way: Way, fault: Fault, scale: Scale) -> None:
        self.way = way
        self.fault = fault
        self.scale = scale
        self.name = name_of(way, fault)
        self.broker = ""
        """브로커의 이름과 버전입니다. 브로커가 없으면 빈 문자열입니다."""
        self._broker_url = ""

    async def run(self) -> list[Event]:
        """재고, 일어난 차례로 늘어놓은 이력을 돌려줍니다. 시작한 프로세스는 모두 끝냅니다.

        Raises:
            StartError, ServiceUnavailableError: 시작하지 못했을 때.
            MeasurementError: 고장과 상관없이 태스크가 실행되지 않을 때.
        """
        async with self._started() as program:
            await self._warm_up(program.url)
            history = History()
            clients = Clients(self.way, program.url, history)
            nemesis = Nemesis(program, self.way, history, self.scale.silent_seconds)
            keeper = asyncio.create_task(nemesis.keep_alive())
            try:
                await self._send_and_break(clients, nemesis)
                await self._until_quiet(clients)
            finally:
                keeper.cancel()
            # 워커가 끝나야, 확인 응답을 하지 않고 쥐고 있던 메시지를 RabbitMQ가 큐에 돌려놓습니다.
            await asyncio.to_thread(end, program, self.way.processes)
            await self._read_what_is_left(history)
            await self._read_failures(history, clients, program)
            for line in self._effects.refresh():
                if line["number"] > 0:
                    history.at(line["time"], DONE, number=line["number"], pid=line["pid"])
        return history.in_order()

    @asynccontextmanager
    async def _started(self) -> AsyncIterator[RunningProgram]:
        with tempfile.TemporaryDirectory(prefix="measure-", ignore_cleanup_errors=True) as place:
            folder = Path(place)
            self._effects = Effects(folder / "effects.jsonl")
            variables = self.way.variables(self.scale.task_time_limit)
            variables["EFFECTS_FILE"] = str(self._effects.file)
            program = RunningProgram(self.way.staged(folder), lambda *_: None, variables)
            try:
                await asyncio.to_thread(program.start)
                if self.way.broker:
                    self._broker_url = program.processes["web"].variables[self.way.broker.variable]
                    self.broker = await asyncio.to_thread(self.way.broker.version, self._broker_url)
                    await asyncio.to_thread(self.way.broker.prepare, self._broker_url)
                yield program
            finally:
                await asyncio.to_thread(end, program, program.processes)
                await asyncio.to_thread(program.stop)

    async def _warm_up(self, url: str) -> None:
        """워커가 준비될 때까지, 세지 않을 태스크를 보냅니다."""
        deadline = time.monotonic() + WARM_SECONDS
        sent = 0
        for number in itertools.count(0, -1):
            with suppress(OSError, TimeoutError):
                answer = await fetch(url, self.way.request(number), ANSWER_SECONDS)
                sent += answer.status < 300
            await asyncio.sleep(POLL_SECONDS)
            if self._effects.refresh():
                break
            if time.monotonic() > deadline:
                raise MeasurementError(f"{self.name}: 워커가 태스크를 실행하지 않습니다")
        await self._until(lambda: len(self._effects.refresh()) >= sent, pause=POLL_SECONDS)

    async def _send_and_break(self, clients: Clients, nemesis: Nemesis) -> None:
        enough = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(clients.run(enough))
            await self._until(lambda: self._is_busy(clients), pause=0.005)
            await self.fault.inject(nemesis)
            goal = max(self.scale.tasks, len(clients.acknowledged) + self.scale.after)
            await self._until(lambda: len(clients.acknowledged) >= goal, pause=0.05)
            enough.set()

    def _is_busy(self, clients: Clients) -> bool:
        enough = len(clients.acknowledged) >= self.scale.before
        return enough and len(self._unfinished(clients)) >= IN_FLIGHT

    def _unfinished(self, clients: Clients) -> set[int]:
        """응답은 받았고 아직 실행되지 않은 번호입니다."""
        return clients.acknowledged - {line["number"] for line in self._effects.refresh()}

    async def _until_quiet(self, clients: Clients) -> None:
        """할 일이 남지 않았거나, 오래 기다려도 실행되는 것이 없을 때까지 기다립니다."""
        patience = self.way.patience_with(self.scale.task_time_limit) * self.scale.patience
        deadline = time.monotonic() + LONGEST_SECONDS
        seen, changed = -1, time.monotonic()
        while time.monotonic() < deadline:
            await asyncio.sleep(POLL_SECONDS)
            if (now := len(self._effects.refresh())) != seen:
                seen, changed = now, time.monotonic()
            if (quiet := time.monotonic() - changed) < STABLE_SECONDS:
                continue
            pending = await self._pending()
            queued = any(pending[name] for name in QUEUES)
            if not pending.total() and not self._unfinished(clients):
                return
            if quiet > (max(patience, QUEUED_SECONDS) if queued else patience):
                return
        raise MeasurementError(f"{self.name}: {LONGEST_SECONDS}초가 지나도 조용해지지 않습니다")

    async def _pending(self) -> Counter[str]:
        if self.way.broker is None:
            return Counter()
        return await asyncio.to_thread(self.way.broker.pending, self._broker_url)

    async def _read_what_is_left(self, history: History) -> None:
        if self.way.broker is None:
            return
        left = await asyncio.to_thread(self.way.broker.left, self._broker_url)
        for number, where in sorted(left.items()):
            if number > 0:
                history.add(LEFT, number=number, where=where)

    async def _read_failures(
        self, history: History, clients: Clients, program: RunningProgram
    ) -> None:
        if not self.way.keeps_failures:
            return
        ids = {number: clients.ids[number] for number in self._unfinished(clients)}
        url = program.processes["web"].variables["REDIS_URL"]
        failed = await asyncio.to_thread(failed_in_celery, url, ids)
        for number, why in sorted(failed.items()):
            history.add(FAILED, number=number, why=why)

    async def _until(self, condition: Callable[[], bool], pause: float) -> None:
        deadline = time.monotonic() + LONGEST_SECONDS
        while not condition():
            if time.monotonic() > deadline:
                raise MeasurementError(f"{self.name}: {LONGEST_SECONDS}초를 기다려도 되지 않습니다")
            await asyncio.sleep(pause)


def end(program: RunningProgram, names: Iterable[str]) -> None:
    """프로세스를 죽입니다. 셀 것을 다 세었으므로 기다려 줄 까닭이 없습니다."""
    for name in names:
        child = program.find(name).child
        if child is not None:
            child.kill()
            child.wait(KILL_SECONDS)
