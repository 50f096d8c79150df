"""이 컴퓨터로 잴 수 없는 규모(워커 1,000개, 초당 50,000개)를 시뮬레이션합니다."""

import random
import statistics
from dataclasses import asdict
from typing import Any

from rich.progress import Progress

from measurements import results
from measurements.quantiles import quantile
from measurements.queueing import formulas, setups
from measurements.queueing.setups import RATE, SERVICE, Costs, Setup
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
QUICK: dict[str, Any] = {"tasks": 60_000, "seeds": [7]}
FULL: dict[str, Any] = {"tasks": 200_000, "seeds": [7, 8, 9]}
Sample = dict[str, float]


def measure(*, quick: bool, progress: Progress) -> Result:
    """구성마다 같은 도착을 처음부터 끝까지 시뮬레이션합니다."""
    settings = QUICK if quick else FULL
    cost = setups.costs()
    chosen = setups.compared(cost)
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


def simulated(setup: Setup, cost: Costs, count: int, seed: int) -> Sample:
    """브로커, 워커, 결과 백엔드를 차례로 지나게 합니다."""
    arrivals = random_arrivals(RATE, count, seed)
    services = random_services(SERVICE, count, seed)
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
        # 브로커가 모자라면 워커에는 브로커가 보낼 수 있는 만큼만 도착합니다.
        "worker_busy": round(
            100 * min(RATE, setup.brokers / cost.broker) * SERVICE / setup.workers, 1
        ),
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
    base = rows[setups.BASE]
    names = (setups.ONE_QUEUE, setups.BASE, setups.MORE_QUEUES, setups.QUEUE_EACH)
    waited = [rows[name]["wait_ms"] for name in names]
    if waited != sorted(waited):
        wrong.append(f"큐를 나누었는데 덜 기다렸습니다({waited})")
    if not rows[setups.MORE]["wait_ms"] <= base["wait_ms"] <= rows[setups.FEWER]["wait_ms"]:
        wrong.append("워커를 늘렸는데 더 기다렸거나, 줄였는데 덜 기다렸습니다")
    for name in (setups.FEW_BROKERS, setups.FEW_BACKENDS):
        if rows[name]["p99_ms"] <= base["p99_ms"]:
            wrong.append(f"{name}: 기본보다 오래 걸리지 않았습니다")
    return wrong


def charts(result: Result) -> dict[str, Any]:
    """구성마다 도착부터 결과까지의 p99를 가로 막대로 그립니다."""
    from measurements import charts

    p99 = {row["title"]: row["p99_ms"] for row in reversed(result.rows)}
    told = ", ".join(f"{row['title']} {results.written(row['p99_ms'])} ms" for row in result.rows)
    figure, axes = charts.chart(TITLE, f"p99는 {told}입니다.", x="p99 (ms)", y="")
    with charts.styled():
        axes.barh(list(p99), list(p99.values()), height=0.6)
        axes.grid(visible=False, axis="y")
    return {"p99": figure}
