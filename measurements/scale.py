"""이 컴퓨터로 잴 수 없는 규모(워커 1,000개, 초당 50,000개)를 시뮬레이션합니다."""

import random
import statistics
from dataclasses import asdict, dataclass, replace
from math import ceil
from typing import Any

from rich.progress import Progress

from measurements import results
from measurements.quantiles import quantile
from measurements.queueing import formulas
from measurements.queueing.simulation import random_arrivals, random_services, split, through
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
    "wait_lowest_ms": "가장 짧은 것 (ms)",
    "wait_highest_ms": "가장 긴 것 (ms)",
    "formula_ms": "공식 (ms)",
    "p99_ms": "도착부터 결과까지, p99 (ms)",
    "left": "끝났을 때 밀린 것 (개)",
}
RATE = 50_000.0
"""초당 도착하는 태스크의 수입니다."""
SERVICE = 0.019
"""태스크 하나의 평균 시간(초)입니다. 들쭉날쭉합니다(지수분포)."""
WORKERS = 1000
BUSIEST = 0.7
"""브로커와 결과 백엔드의 이용률이 이보다 낮게 대수를 정합니다."""
BASE, ONE_QUEUE, MORE_QUEUES = "기본 (브로커마다 큐 하나)", "큐를 하나로", "큐를 더 나눔"
QUEUE_EACH, FEWER, MORE = "워커마다 큐 하나", "워커를 줄임", "워커를 늘림"
FEW_BROKERS, FEW_BACKENDS = "브로커가 모자람", "결과 백엔드가 모자람"
QUICK: dict[str, Any] = {"tasks": 60_000, "seeds": [7]}
FULL: dict[str, Any] = {"tasks": 200_000, "seeds": [7, 8, 9]}


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
    # 큐 하나는 브로커 하나에 있으므로, 워커를 남김없이 나눌 수 있는 대수로 올립니다.
    needed = ceil(RATE * cost.broker / BUSIEST)
    brokers = next(count for count in range(needed, WORKERS + 1) if WORKERS % count == 0)
    backends = ceil(RATE * cost.backend / BUSIEST)
    base = Setup(BASE, WORKERS, brokers, brokers, backends)
    each = WORKERS // brokers
    return [
        base,
        replace(base, title=FEWER, workers=brokers * ceil(0.97 * each)),
        replace(base, title=MORE, workers=brokers * ceil(1.1 * each)),
        replace(base, title=ONE_QUEUE, queues=1),
        replace(base, title=MORE_QUEUES, queues=brokers * 5),
        replace(base, title=QUEUE_EACH, queues=WORKERS),
        replace(base, title=FEW_BROKERS, brokers=max(1, int(RATE * cost.broker * 0.95))),
        replace(base, title=FEW_BACKENDS, backends=max(1, int(RATE * cost.backend * 0.95))),
    ]


def measure(*, quick: bool, progress: Progress) -> Result:
    """구성마다 같은 도착을 처음부터 끝까지 시뮬레이션합니다."""
    settings = QUICK if quick else FULL
    cost = costs()
    chosen = setups(cost)
    task = progress.add_task("시뮬레이션합니다", total=len(chosen) * len(settings["seeds"]))
    samples: dict[str, list[Sample]] = {}
    for setup in chosen:
        for seed in settings["seeds"]:
            samples.setdefault(setup.title, []).append(
                simulated(setup, cost, settings["tasks"], seed)
            )
            progress.advance(task)
    return Result(
        name="scale",
        rows=[row_of(setup, cost, samples[setup.title]) for setup in chosen],
        settings={
            **settings,
            "rate": RATE,
            "service_seconds": SERVICE,
            "simulated_seconds": settings["tasks"] / RATE,
            "broker_us": round(cost.broker * 1e6, 1),
            "backend_us": round(cost.backend * 1e6, 1),
        },
        quick=quick,
        versions=results.versions([]),
        samples=samples,
    )


Sample = dict[str, float]


def simulated(setup: Setup, cost: Costs, count: int, seed: int) -> Sample:
    """브로커, 워커, 결과 백엔드를 차례로 지나게 합니다."""
    arrivals = random_arrivals(RATE, count, seed)
    services = random_services(SERVICE, count, -seed)
    source = random.Random(f"{seed} {setup.title}")
    queued = through(arrivals, [cost.broker] * count, setup.brokers, source)
    order = sorted(range(count), key=queued.__getitem__)
    ready = [queued[number] for number in order]
    lengths = [services[number] for number in order]
    each = setup.workers // setup.queues
    started, finished = split(ready, lengths, setup.queues, each, source)
    done = sorted(range(count), key=finished.__getitem__)
    answers = [finished[number] for number in done]
    stored = through(answers, [cost.backend] * count, setup.backends, source)
    arrived = [arrivals[order[number]] for number in done]
    # 빈 상태에서 시작했으므로 앞의 절반은 세지 않습니다.
    total = [end - begin for begin, end in zip(arrived, stored, strict=True)][count // 2 :]
    waited = [begin - at for at, begin in zip(ready, started, strict=True)][count // 2 :]
    return {
        "wait_ms": round(1000 * sum(waited) / len(waited), 3),
        "p99_ms": round(1000 * quantile(total, 0.99), 1),
        "left": sum(1 for at in stored if at > arrivals[-1]),
    }


def row_of(setup: Setup, cost: Costs, samples: list[Sample]) -> dict[str, Any]:
    """표의 한 줄입니다. 씨앗(seed)마다 시뮬레이션한 값의 가운데를 적습니다."""

    def every(key: str) -> list[float]:
        return [sample[key] for sample in samples]

    share, each = RATE / setup.queues, setup.workers // setup.queues
    return {
        **asdict(setup),
        "worker_busy": round(100 * RATE * SERVICE / setup.workers, 1),
        "broker_busy": round(100 * RATE * cost.broker / setup.brokers, 1),
        "backend_busy": round(100 * RATE * cost.backend / setup.backends, 1),
        "wait_ms": statistics.median(every("wait_ms")),
        "wait_lowest_ms": min(every("wait_ms")),
        "wait_highest_ms": max(every("wait_ms")),
        "formula_ms": round(1000 * formulas.wait_when_random(each, share, SERVICE), 3),
        "p99_ms": statistics.median(every("p99_ms")),
        "left": round(statistics.median(every("left"))),
    }


def check(result: Result) -> list[str]:
    """큐를 나눌수록 오래 기다리고, 모자란 곳에는 줄이 끝없이 쌓여야 합니다."""
    rows = {row["title"]: row for row in result.rows}
    wrong = []
    base = rows[BASE]
    names = (ONE_QUEUE, BASE, MORE_QUEUES, QUEUE_EACH)
    waited = [rows[name]["wait_ms"] for name in names]
    if waited != sorted(waited):
        wrong.append(f"큐를 나누었는데 덜 기다렸습니다({waited})")
    if not rows[MORE]["wait_ms"] <= base["wait_ms"] <= rows[FEWER]["wait_ms"]:
        wrong.append("워커를 늘렸는데 더 기다렸거나, 줄였는데 덜 기다렸습니다")
    for name in (FEW_BROKERS, FEW_BACKENDS):
        if rows[name]["p99_ms"] <= base["p99_ms"]:
            wrong.append(f"{name}: 기본보다 오래 걸리지 않았습니다")
    return wrong
