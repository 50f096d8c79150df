"""이 컴퓨터로 잴 수 없는 규모(워커 1,000개, 초당 50,000개)를 시뮬레이션합니다."""

import random
import time
from dataclasses import asdict, dataclass, replace
from math import ceil
from typing import Any

from rich.progress import Progress

from measurements import results
from measurements.queueing import formulas
from measurements.queueing.simulation import quantile, random_arrivals, random_services, waits
from measurements.results import Result

TITLE = "초당 50,000개를 처리하는 구성의 시뮬레이션"
COLUMNS = {
    "title": "구성",
    "workers": "워커 (개)",
    "queues": "큐 (개)",
    "brokers": "브로커 (대)",
    "backends": "결과 백엔드 (대)",
    "worker_busy": "워커 이용률 (%)",
    "broker_busy": "브로커 이용률 (%)",
    "backend_busy": "결과 백엔드 이용률 (%)",
    "wait_ms": "워커 대기, 평균 (ms)",
    "formula_ms": "공식 (ms)",
    "p99_ms": "도착부터 결과까지, p99 (ms)",
    "left": "끝났을 때 밀린 것 (개)",
}
RATE = 50_000.0
"""초당 도착하는 태스크의 수입니다."""
SERVICE = 0.019
"""태스크 하나의 평균 시간(초)입니다. 들쭉날쭉합니다(지수분포)."""
BUSIEST = 0.7
"""브로커와 결과 백엔드의 이용률이 이보다 낮게 대수를 정합니다."""
SEED = 7
QUICK: dict[str, Any] = {"tasks": 60_000}
FULL: dict[str, Any] = {"tasks": 400_000}
LONGEST_SECONDS = 60


@dataclass(frozen=True)
class Costs:
    """Redis가 태스크 하나에 쓰는 CPU 시간(초)입니다. `throughput`에서 잰 것입니다."""

    broker: float
    """큐에 넣고 꺼내는 것입니다."""
    backend: float
    """결과를 저장하는 것입니다."""


@dataclass(frozen=True)
class Setup:
    """구성 하나입니다."""

    title: str
    workers: int
    queues: int
    """큐마다 제 워커가 있습니다. 다른 큐의 워커가 쉬어도 맡기지 못합니다."""
    brokers: int
    backends: int


def costs() -> Costs:
    """적어 둔 `throughput`의 결과에서 브로커의 CPU 시간을 읽습니다.

    Raises:
        MeasurementError: 적어 둔 결과가 없을 때.
    """
    rows = {row["system"]: row["broker_us"] / 1e6 for row in results.load("throughput").rows}
    plain = rows["celery-redis-4-4"]
    return Costs(broker=plain, backend=max(1e-6, rows["celery-results-4-4"] - plain))


def setups(cost: Costs) -> list[Setup]:
    """견줄 구성입니다. 기본 구성에서 하나씩만 바꿉니다."""
    brokers = ceil(RATE * cost.broker / BUSIEST)
    backends = ceil(RATE * cost.backend / BUSIEST)
    base = Setup("기본", 1000, 1, brokers, backends)
    too_few = max(1, int(RATE * cost.broker * 0.95))
    return [
        base,
        replace(base, title="워커를 줄임", workers=960),
        replace(base, title="워커를 늘림", workers=1100),
        replace(base, title="큐를 나눔", queues=10),
        replace(base, title="큐를 더 나눔", queues=100),
        replace(base, title="워커마다 큐 하나", queues=1000),
        replace(base, title="브로커가 모자람", brokers=too_few),
        replace(base, title="결과 백엔드가 모자람", backends=max(1, backends // 2)),
    ]


def measure(*, quick: bool, progress: Progress) -> Result:
    """구성마다 같은 도착을 처음부터 끝까지 시뮬레이션합니다."""
    settings = QUICK if quick else FULL
    cost = costs()
    chosen = setups(cost)
    task = progress.add_task("시뮬레이션합니다", total=len(chosen))
    began = time.process_time()
    rows = []
    for setup in chosen:
        rows.append(simulated(setup, cost, settings["tasks"]))
        progress.advance(task)
    return Result(
        name="scale",
        rows=rows,
        settings={
            **settings,
            "rate": RATE,
            "service_seconds": SERVICE,
            "seed": SEED,
            "broker_us": round(cost.broker * 1e6, 1),
            "backend_us": round(cost.backend * 1e6, 1),
            "simulation_seconds": round(time.process_time() - began, 1),
        },
        quick=quick,
        versions=results.versions([]),
    )


def simulated(setup: Setup, cost: Costs, count: int) -> dict[str, Any]:
    """브로커, 워커, 결과 백엔드를 차례로 지나게 하여 표의 한 줄을 만듭니다."""
    arrivals = random_arrivals(RATE, count, SEED)
    services = random_services(SERVICE, count, SEED + 1)
    queued = through(arrivals, [cost.broker] * count, setup.brokers, 1)
    order = sorted(range(count), key=queued.__getitem__)
    ready = [queued[number] for number in order]
    lengths = [services[number] for number in order]
    started, finished = split(ready, lengths, setup.queues, setup.workers // setup.queues)
    done = sorted(range(count), key=finished.__getitem__)
    stored = through(
        [finished[number] for number in done], [cost.backend] * count, setup.backends, 1
    )
    arrived = [arrivals[order[number]] for number in done]
    # 빈 상태에서 시작했으므로 앞의 절반은 세지 않습니다.
    total = [end - begin for begin, end in zip(arrived, stored, strict=True)][count // 2 :]
    waited = [begin - at for at, begin in zip(ready, started, strict=True)][count // 2 :]
    share = RATE / setup.queues
    each = setup.workers // setup.queues
    return {
        **asdict(setup),
        "worker_busy": round(100 * RATE * SERVICE / setup.workers, 1),
        "broker_busy": round(100 * RATE * cost.broker / setup.brokers, 1),
        "backend_busy": round(100 * RATE * cost.backend / setup.backends, 1),
        "wait_ms": round(1000 * sum(waited) / len(waited), 3),
        "formula_ms": round(1000 * formulas.wait_when_random(each, share, SERVICE), 3),
        "p99_ms": round(1000 * quantile(total, 0.99), 1),
        "left": sum(1 for at in stored if at > arrivals[-1]),
    }


def through(
    arrivals: list[float], services: list[float], stations: int, workers: int
) -> list[float]:
    """태스크를 `stations`곳에 무작위로 나누어, 끝나는 때를 들어온 차례대로 돌려줍니다."""
    _, finished = split(arrivals, services, stations, workers)
    return finished


def split(
    arrivals: list[float], services: list[float], stations: int, workers: int
) -> tuple[list[float], list[float]]:
    """`through`와 같지만 시작한 때도 돌려줍니다. 한 곳에는 워커가 `workers`개 있습니다."""
    source = random.Random(SEED + stations)
    members: list[list[int]] = [[] for _ in range(stations)]
    for number in range(len(arrivals)):
        members[source.randrange(stations)].append(number)
    started, finished = [0.0] * len(arrivals), [0.0] * len(arrivals)
    for numbers in members:
        mine = [arrivals[number] for number in numbers]
        lengths = [services[number] for number in numbers]
        for number, length, waited in zip(
            numbers, lengths, waits(mine, lengths, workers), strict=True
        ):
            started[number] = arrivals[number] + waited
            finished[number] = started[number] + length
    return started, finished


def check(result: Result) -> list[str]:
    """큐를 나눌수록 오래 기다리고, 모자란 곳에는 줄이 끝없이 쌓여야 합니다."""
    rows = {row["title"]: row for row in result.rows}
    wrong = []
    base = rows["기본"]
    names = ("기본", "큐를 나눔", "큐를 더 나눔", "워커마다 큐 하나")
    waited = [rows[name]["wait_ms"] for name in names]
    if waited != sorted(waited):
        wrong.append(f"큐를 나누었는데 덜 기다렸습니다({waited})")
    if not rows["워커를 늘림"]["wait_ms"] <= base["wait_ms"] <= rows["워커를 줄임"]["wait_ms"]:
        wrong.append("워커를 늘렸는데 더 기다렸거나, 줄였는데 덜 기다렸습니다")
    for name in ("브로커가 모자람", "결과 백엔드가 모자람"):
        if rows[name]["p99_ms"] <= base["p99_ms"]:
            wrong.append(f"{name}: 기본보다 오래 걸리지 않았습니다")
    if result.settings["simulation_seconds"] > LONGEST_SECONDS:
        wrong.append(f"시뮬레이션이 {LONGEST_SECONDS}초를 넘었습니다")
    return wrong
