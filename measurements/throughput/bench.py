"""띄워 둔 워커의 큐를 한 번에 하나씩 채웠다가 풀어 잽니다."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis
from kombu import Connection

from lab.processes import Child
from lab.running import RunningProgram
from measurements.results import MeasurementError
from measurements.throughput.systems import KAFKA, RABBITMQ, REDIS, System
from measurements.throughput.usage import cpu_seconds, redis_cpu_seconds, resident_bytes

WARM_TASKS = 20
SETTLED = 1.2
"""두 배를 넣어도 이보다 빨라지지 않으면(배) 어림을 마칩니다."""
PATIENCE_SECONDS = 90
POLL_SECONDS = 0.001
IDLE_SECONDS = 0.1
NOTHING, NAP = "nothing", "nap"


@dataclass(frozen=True)
class Turn:
    """한 번 채웠다가 푼 결과입니다."""

    publish: float
    """한 프로세스가 초당 넣은 태스크의 수입니다."""
    handle: float
    """워커가 초당 끝낸 태스크의 수입니다."""
    worker_cpu: float
    """태스크 하나에 워커가 쓴 CPU 시간(초)입니다."""
    broker_cpu: float
    """태스크 하나를 넣고 꺼내는 데 브로커가 더 쓴 CPU 시간(초)입니다."""
    memory: float | None
    """큐에 있는 태스크 하나가 Redis에서 차지한 메모리(바이트)입니다. 다른 브로커이면 None입니다."""


class Bench:
    """띄워 둔 워커와 브로커입니다."""

    def __init__(self, programs: list[RunningProgram], folder: Path) -> None:
        self._programs = programs
        self._folder = folder
        self.urls = {
            name: value
            for program in programs
            for process in program.processes.values()
            for name, value in process.variables.items()
            if name in (REDIS, RABBITMQ, KAFKA)
        }
        self._orders = redis.Redis.from_url(
            self.urls[REDIS], decode_responses=True, socket_timeout=None
        )

    def versions(self) -> dict[str, str]:
        """RabbitMQ를 쓰면 그 버전입니다."""
        if RABBITMQ not in self.urls:
            return {}
        with Connection(self.urls[RABBITMQ]) as connection:
            transport: Any = connection.connect()
            return {"RabbitMQ": transport.server_properties["version"]}

    def _child(self, name: str) -> Child:
        for program in self._programs:
            if name in program.processes:
                child = program.processes[name].child
                assert child is not None
                return child
        raise MeasurementError(f"{name} 프로세스를 시작하지 못했습니다")

    def broker(self, system: System) -> Child:
        """이 시스템이 쓰는 브로커의 프로세스입니다."""
        program = self._programs[-1] if system.broker == KAFKA else self._programs[0]
        name = "redis" if system.broker == REDIS and RABBITMQ in self.urls else "broker"
        child = program.processes[name].child
        assert child is not None
        return child

    def publish(self, system: System, task: str, count: int, call: str = "publish") -> float:
        """태스크 `count`개를 넣고 걸린 시간(초)을 돌려줍니다. `call`이 "fill"이면 빨리 채웁니다.

        Raises:
            MeasurementError: 넣지 못했을 때.
        """
        order = {
            "module": system.module,
            "call": call,
            "url": self.urls[system.broker],
            "queue": system.name,
            "task": task,
            "count": count,
        }
        self._orders.lpush(f"orders:{system.publisher}", json.dumps(order))
        found: Any = self._orders.brpop([f"answers:{system.publisher}"], PATIENCE_SECONDS)
        answer = json.loads(found[1]) if found else {"error": "답이 없습니다"}
        if "error" in answer:
            raise MeasurementError(f"{system.name}에 태스크를 넣지 못했습니다:\n{answer['error']}")
        return float(answer["seconds"])

    def done(self, system: System) -> int:
        """지금까지 끝낸 태스크의 수입니다."""
        try:
            return (self._folder / system.name).stat().st_size
        except FileNotFoundError:
            return 0

    def warm_up(self, system: System, most: int = 1000) -> float:
        """워커가 준비될 때까지 기다려, 초당 끝내는 태스크의 수를 어림합니다.

        적게 넣으면 워커가 깨어나는 시간만 재므로, 더 넣어도 비슷할 때까지 `most`개까지 늘립니다.
        """
        self.publish(system, NOTHING, WARM_TASKS)
        self.until(lambda: self.done(system) >= WARM_TASKS, system)
        count = 5 * WARM_TASKS
        before, rate = 0.0, self.turn(system, NOTHING, count).handle
        while count < most and rate >= SETTLED * before:
            count = min(round(2 * rate), most)
            before, rate = rate, self.turn(system, NOTHING, count).handle
        return rate

    def turn(self, system: System, task: str, count: int) -> Turn:
        """워커를 멈추고 큐를 채운 다음, 풀어서 모두 끝낼 때까지 잽니다.

        Raises:
            MeasurementError: 오래 기다려도 끝나지 않을 때.
        """
        goal = self.done(system) + count
        with self.frozen(system):
            idle = self.idle_share(system)
            memory, broker_before, began = self.memory(), self.broker_cpu(system), time.monotonic()
            seconds = self.publish(system, task, count)
            memory = self.memory() - memory
            worker_before, started = cpu_seconds(self.workers(system)), time.perf_counter()
        self.until(lambda: self.done(system) >= goal, system)
        elapsed = time.perf_counter() - started
        broker_cpu = self.broker_cpu(system) - broker_before - idle * (time.monotonic() - began)
        worker_cpu = cpu_seconds(self.workers(system)) - worker_before
        if system.polls:
            self.suspend(system, True)
        return Turn(
            publish=count / seconds,
            handle=count / elapsed,
            worker_cpu=worker_cpu / count,
            broker_cpu=max(0.0, broker_cpu / count),
            memory=memory / count if system.broker == REDIS else None,
        )

    def workers(self, system: System) -> list[Child]:
        """이 시스템의 워커 프로세스입니다."""
        return [self._child(name) for name in system.processes]

    @contextmanager
    def frozen(self, system: System) -> Iterator[None]:
        """안에 있는 동안 워커를 멈춥니다."""
        self.suspend(system, True)
        try:
            yield
        finally:
            self.suspend(system, False)

    def suspend(self, system: System, suspended: bool) -> None:
        """워커를 멈추거나 다시 움직이게 합니다."""
        for worker in self.workers(system):
            worker.suspend(suspended)

    def kill(self, system: System) -> None:
        """워커를 바로 끝냅니다. 이 시스템은 더 잴 수 없습니다."""
        for worker in self.workers(system):
            worker.kill()
            worker.wait(PATIENCE_SECONDS)

    def broker_cpu(self, system: System) -> float:
        """브로커가 지금까지 쓴 CPU 시간(초)입니다."""
        if system.broker == REDIS:
            return redis_cpu_seconds(self._orders)
        return cpu_seconds([self.broker(system)])

    def idle_share(self, system: System) -> float:
        """모두 쉬는 동안 브로커가 쓰는 CPU의 몫입니다. 빈 큐를 기다리는 워커들의 것입니다."""
        before = self.broker_cpu(system)
        time.sleep(IDLE_SECONDS)
        return (self.broker_cpu(system) - before) / IDLE_SECONDS

    def memory(self) -> int:
        """Redis가 데이터에 쓰는 메모리(바이트)입니다."""
        return int(self._orders.info("memory")["used_memory"])

    def resident(self, system: System) -> int:
        """브로커의 프로세스가 차지한 메모리(바이트)입니다."""
        return resident_bytes(self.broker(system))

    def until(self, condition: Callable[[], bool], system: System) -> None:
        """`condition`이 참이 되기를 기다립니다.

        Raises:
            MeasurementError: 워커가 죽었거나, 오래 기다려도 참이 되지 않을 때.
        """
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            time.sleep(POLL_SECONDS)
            stopped = [
                name for name in system.processes if self._child(name).returncode is not None
            ]
            if stopped or time.monotonic() > deadline:
                guilty = (*stopped, *system.processes)[0]
                lines = "\n".join(self._child(guilty).last_lines)
                raise MeasurementError(
                    f"{system.name}의 워커가 태스크를 마치지 못했습니다. 마지막 출력:\n{lines}"
                )
