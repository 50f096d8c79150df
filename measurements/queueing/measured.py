"""실제 프로세스와 실제 브로커로 만든 줄. 태스크를 무작위로 보내 기다린 시간을 잽니다."""

import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import redis

from lab.catalogue import Program
from lab.running import RunningProgram
from lab.stage import WRITTEN
from measurements.programs import APPS
from measurements.results import MeasurementError

SATURATING = 100
"""쉬지 않고 일하게 하려고 워커마다 한꺼번에 넣는 태스크의 수입니다."""
IDLE_TASKS = 30
PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Task:
    """태스크 하나가 도착한 때와 시작한 때(유닉스 시각, 초)입니다."""

    arrived: float
    started: float
    busy_before: float
    """이 태스크를 맡은 워커가 앞의 태스크에 매여 있던 시간(초)입니다. 첫 태스크이면 0입니다."""


@dataclass(frozen=True)
class Calibration:
    """줄을 서지 않을 때의 값입니다."""

    fetch: float
    """밀려 있는 태스크를 꺼내는 시간(초)입니다. 그동안 워커는 다른 일을 하지 못합니다."""
    delivery: float
    """노는 워커에 태스크가 전달되는 시간(초)의 중앙값입니다."""
    service: float
    """워커 하나가 태스크 하나에 매여 있는 시간(초)입니다. 꺼내는 시간까지 들어 있습니다."""


class Station:
    """큐 하나와, 그 큐만 보는 워커 `workers`개입니다."""

    def __init__(self, workers: int, url: str, task_seconds: float) -> None:
        self.workers = workers
        self._task_seconds = task_seconds
        self.queue = queue_of(workers)
        self._redis = redis.Redis.from_url(url)
        self._sent = 0

    def send(self) -> None:
        """태스크 하나를 큐에 넣습니다."""
        self._redis.rpush(self.queue, repr(time.time()))
        self._sent += 1

    def finish(self) -> list[Task]:
        """보낸 것이 모두 시작하기를 기다려, 도착한 차례대로 돌려줍니다.

        Raises:
            MeasurementError: 오래 기다려도 시작하지 않을 때.
        """
        key = f"started:{self.queue}"
        wait(lambda: self._redis.llen(key) >= self._sent, "워커가 태스크를 시작하지 않습니다")
        lines = [map(float, line.split()) for line in self._redis.lrange(key, 0, -1)]
        self._redis.delete(key)
        self._sent = 0
        return sorted((Task(*line) for line in lines), key=lambda task: task.arrived)

    def calibrate(self) -> Calibration:
        """줄을 서지 않을 때의 값을 잽니다."""
        idle = []
        for _ in range(IDLE_TASKS):
            self.send()
            idle += self.finish()
            # 시작했다는 기록을 보았을 뿐이므로, 워커가 다시 쉴 때까지 기다립니다.
            time.sleep(2 * self._task_seconds)
        for _ in range(SATURATING * self.workers):
            self.send()
        tasks = self.finish()
        started = sorted(task.started for task in tasks)
        # 처음과 끝에는 노는 워커가 있을 수 있으므로 가운데만 봅니다.
        busy = started[2 * self.workers : -self.workers]
        service = self.workers * (busy[-1] - busy[0]) / (len(busy) - 1)
        return Calibration(
            fetch=max(0.0, service - mean_busy(tasks)),
            delivery=statistics.median(task.started - task.arrived for task in idle),
            service=service,
        )

    def load(self, rate: float, seconds: float, seed: int) -> list[Task]:
        """`seconds`초 동안 초당 평균 `rate`개를 무작위로 보내고, 모두 시작하기를 기다립니다."""
        source = random.Random(seed)
        began = time.perf_counter()
        due = source.expovariate(rate)
        while due < seconds:
            time.sleep(max(0.0, began + due - time.perf_counter()))
            self.send()
            due += source.expovariate(rate)
        return self.finish()


def mean_busy(tasks: Sequence[Task]) -> float:
    """워커가 태스크 하나에 매여 있던 시간의 평균(초)입니다. 꺼내는 시간은 뺀 것입니다."""
    return statistics.fmean(task.busy_before for task in tasks if task.busy_before)


def queue_of(workers: int) -> str:
    """워커의 수마다 하나인 큐의 이름입니다."""
    return f"queue{workers}"


def wait(condition: Callable[[], bool], problem: str) -> None:
    """`condition`이 참이 되기를 기다립니다.

    Raises:
        MeasurementError: 오래 기다려도 참이 되지 않을 때.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise MeasurementError(f"{PATIENCE_SECONDS}초를 기다려도 {problem}")
        time.sleep(0.005)


@contextmanager
def stations(workers: Sequence[int], task_seconds: float) -> Iterator[list[Station]]:
    """워커의 수마다 큐 하나씩을 시작합니다. 끝나면 아무 프로세스도 남기지 않습니다.

    Raises:
        StartError, ServiceUnavailableError: 시작하지 못했을 때.
    """
    processes = {
        f"{queue_of(count)}-{number}": f"python paced_worker.py {queue_of(count)}"
        for count in workers
        for number in range(1, count + 1)
    }
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="measure-")))
        shutil.copytree(APPS, folder / "apps", ignore=shutil.ignore_patterns(*WRITTEN))
        needs = frozenset({"REDIS_URL"})
        program = Program("queueing", "대기행렬", folder / "apps", processes, needs)
        running = RunningProgram(program, lambda *_: None, {"TASK_SECONDS": str(task_seconds)})
        stack.callback(running.stop)
        running.start()
        url = next(
            process.variables["REDIS_URL"]
            for name, process in running.processes.items()
            if name in processes
        )
        client = redis.Redis.from_url(url)
        ready = len(processes)
        wait(lambda: client.info("clients")["blocked_clients"] == ready, "워커가 시작하지 않습니다")
        yield [Station(count, url, task_seconds) for count in workers]
