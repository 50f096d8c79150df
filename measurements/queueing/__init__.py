"""워커가 바쁠수록 태스크가 얼마나 오래 기다리는지, 재고 시뮬레이션하고 공식과 견줍니다."""

import statistics
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from typing import Any

from rich.progress import Progress

from measurements import results
from measurements.queueing import formulas, simulation
from measurements.queueing.measured import (
    Calibration,
    Station,
    Task,
    mean_busy,
    stations,
)
from measurements.results import Result

TITLE = "워커가 바쁜 정도와 기다리는 시간 (태스크 시간의 배)"
COLUMNS = {
    "workers": "워커 (개)",
    "utilisation": "이용률 (%)",
    "busy": "실제로 바빴던 비율 (%)",
    "measured": "잰 값, 중앙값 (배)",
    "lowest": "가장 낮은 것 (배)",
    "highest": "가장 높은 것 (배)",
    "simulated": "시뮬레이션 (배)",
    "constant": "공식, 시간이 일정 (배)",
    "random": "공식, 시간이 들쭉날쭉 (배)",
    "tasks": "태스크 (개)",
}
WORKERS = (1, 2, 4)
TASK_SECONDS = 0.01
QUICK: dict[str, Any] = {"rounds": 1, "seconds": {50: 1.5, 90: 4.0}}
FULL: dict[str, Any] = {
    "rounds": 4,
    "seconds": {30: 3.0, 50: 3.0, 70: 4.0, 80: 5.0, 90: 9.0, 95: 16.0},
}
SEED = 20240601
Sample = dict[str, Any]


def measure(*, quick: bool, progress: Progress) -> Result:
    """이용률을 바꾸어 가며, 세 줄(워커 1, 2, 4개)에 함께 무작위로 보냅니다."""
    settings = QUICK if quick else FULL
    total = settings["rounds"] * len(settings["seconds"])
    task = progress.add_task("태스크를 무작위로 보냅니다", total=total)
    samples: list[Sample] = []
    with stations(WORKERS, TASK_SECONDS) as lines, ThreadPoolExecutor(len(lines)) as pool:
        for turn in range(settings["rounds"]):
            for percent, seconds in settings["seconds"].items():
                seed = SEED + 100 * turn + percent
                samples += pool.map(
                    lambda line: one_run(line, percent, seconds, seed),  # noqa: B023
                    lines,
                )
                progress.advance(task)
    return Result(
        name="queueing",
        rows=summary(samples),
        settings={"workers": WORKERS, "task_seconds": TASK_SECONDS, "seed": SEED, **settings},
        quick=quick,
        versions=results.versions(["redis"], Valkey=results.redis_server_version()),
        samples={"runs": samples},
    )


def one_run(line: Station, percent: int, seconds: float, seed: int) -> Sample:
    """태스크의 시간을 다시 잰 다음, 이용률이 `percent` %가 되는 속도로 보냅니다."""
    known = line.calibrate()
    rate = percent / 100 * line.workers / known.service
    tasks = line.load(rate, seconds, seed + line.workers)
    return {"workers": line.workers, "utilisation": percent, **compared(tasks, known, line.workers)}


def compared(tasks: list[Task], known: Calibration, workers: int) -> Sample:
    """잰 대기 시간과, 같은 때에 도착한 태스크를 시뮬레이션한 것을 태스크 시간의 배로 나타냅니다."""
    waited = statistics.fmean(task.started - task.arrived for task in tasks) - known.delivery
    # 컴퓨터가 바쁘면 태스크의 시간도 달라지므로, 재는 동안의 것을 씁니다.
    service = mean_busy(tasks) + known.fetch
    arrivals = [task.arrived for task in tasks]
    simulated = simulation.waits(arrivals, simulation.constant(service), workers)
    seconds = arrivals[-1] - arrivals[0]
    return {
        "measured": round(waited / service, 4),
        "simulated": round(statistics.fmean(simulated) / service, 4),
        "busy": round(100 * len(tasks) * service / workers / seconds, 1),
        "tasks": len(tasks),
        "service_ms": round(service * 1000, 3),
        "delivery_ms": round(known.delivery * 1000, 3),
    }


def summary(samples: list[Sample]) -> list[dict[str, Any]]:
    """워커의 수와 이용률마다 한 줄입니다."""
    rows = []

    def key(sample: Sample) -> tuple[int, int]:
        return sample["workers"], sample["utilisation"]

    for (workers, percent), group in groupby(sorted(samples, key=key), key):
        same = list(group)
        measured = [sample["measured"] for sample in same]
        rate = percent / 100 * workers
        rows.append(
            {
                "workers": workers,
                "utilisation": percent,
                "busy": round(statistics.median(sample["busy"] for sample in same), 1),
                "measured": round(statistics.median(measured), 3),
                "lowest": min(measured),
                "highest": max(measured),
                "simulated": round(statistics.median(each["simulated"] for each in same), 3),
                "constant": round(formulas.wait_when_constant(workers, rate, 1), 3),
                "random": round(formulas.wait_when_random(workers, rate, 1), 3),
                "tasks": sum(sample["tasks"] for sample in same),
            }
        )
    return rows


def check(result: Result) -> list[str]:
    """바쁠수록, 그리고 워커가 적을수록 오래 기다려야 하고, 시뮬레이션과 비슷해야 합니다."""
    wrong = []
    found = {(row["workers"], row["utilisation"]): row for row in result.rows}
    percents = sorted({row["utilisation"] for row in result.rows})
    if result.quick:
        # 짧게 재면 우연히 몰려 온 쪽이 더 기다릴 수 있으므로, 모두 더한 것만 견줍니다.
        total = [sum(found[each, at]["measured"] for each in WORKERS) for at in (50, percents[-1])]
        return [] if total[0] < total[1] else [f"더 바쁜데 덜 기다렸습니다({total})"]
    for workers in WORKERS:
        waits = [found[workers, percent]["measured"] for percent in (50, percents[-1])]
        if waits[0] >= waits[1]:
            wrong.append(f"워커 {workers}개: 더 바쁜데 덜 기다렸습니다({waits})")
    for percent in percents:
        waits = [found[workers, percent]["measured"] for workers in (WORKERS[0], WORKERS[-1])]
        if waits[0] <= waits[1]:
            wrong.append(f"이용률 {percent} %: 워커가 많은데 더 기다렸습니다({waits})")
    for (workers, percent), row in found.items():
        expected = row["simulated"]
        if expected >= 0.5 and not expected / 3 < row["measured"] < expected * 3:
            wrong.append(
                f"워커 {workers}개, 이용률 {percent} %: 잰 값 {row['measured']}이(가) "
                f"시뮬레이션 {expected}과(와) 세 배 넘게 다릅니다"
            )
    return wrong


def told(result: Result) -> str:
    """가장 한가할 때와 가장 바쁠 때 잰 값을 적은 글입니다."""
    return ", ".join(
        f"워커 {workers}개는 이용률 {row['busy']:g} %에서 {results.written(row['measured'])}배"
        for workers in WORKERS
        for each in [[row for row in result.rows if row["workers"] == workers]]
        for row in (each[0], each[-1])
    )


def charts(result: Result) -> dict[str, Any]:
    """이용률에 따른 대기 시간입니다. 점은 잰 값이고 선은 공식입니다."""
    from measurements import charts

    figure, axes = charts.chart(
        "이용률과 대기 시간",
        f"평균 대기 시간을 태스크 시간의 배로 적으면 {told(result)}입니다. 나머지는 표에 있습니다.",
        x="이용률 (%)",
        y="평균 대기 시간 (태스크 시간의 배)",
    )
    busiest = max(row["busy"] for row in result.rows)
    shares = [share / 1000 for share in range(300, min(995, round(10 * busiest)) + 1, 5)]
    with charts.styled():
        for number, workers in enumerate(WORKERS):
            colour, marker = charts.SERIES[number], "os^"[number]
            rows = [row for row in result.rows if row["workers"] == workers]
            curve = [formulas.wait_when_constant(workers, share * workers, 1) for share in shares]
            axes.plot([100 * share for share in shares], curve, color=colour, marker="")
            low = [max(0.0, row["measured"] - row["lowest"]) for row in rows]
            high = [max(0.0, row["highest"] - row["measured"]) for row in rows]
            axes.errorbar(
                [row["busy"] for row in rows],
                [row["measured"] for row in rows],
                yerr=[low, high],
                color=colour,
                marker=marker,
                linestyle="none",
                capsize=3,
                elinewidth=1,
                label=f"워커 {workers}개",
            )
        axes.set_ylim(bottom=0)
    charts.legend(figure, columns=3)
    return {"wait": figure}
