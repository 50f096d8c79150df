"""같은 태스크를 여러 작업 큐에 맡겨, 초당 몇 개를 넣고 끝내는지 견줍니다."""

import statistics
from dataclasses import asdict
from typing import Any

from rich.progress import Progress

from measurements import results
from measurements.results import Result
from measurements.throughput.bench import NAP, NOTHING, Bench
from measurements.throughput.starting import started
from measurements.throughput.systems import BARE, System, chosen

TITLE = "초당 넣고 끝내는 태스크의 수"
COLUMNS = {
    "title": "시스템",
    "settings": "설정",
    "slots": "동시에 (개)",
    "publish": "넣기 (개/초)",
    "handle": "빈 태스크 (개/초)",
    "lowest": "가장 느린 것 (개/초)",
    "highest": "가장 빠른 것 (개/초)",
    "ratio": "Redis만 쓴 것의 (배)",
    "nap": "10 ms 태스크 (개/초)",
    "share": "낼 수 있는 것의 (%)",
    "memory": "큐의 메모리 (바이트/개)",
    "worker_us": "워커 CPU (µs/개)",
    "broker_us": "브로커 CPU (µs/개)",
}
NAPS_PER_SLOT = 100
"""10 ms 태스크를 쉬지 않고 하나씩 하면 초당 끝나는 수입니다."""
QUICK = {"rounds": 1, "seconds": 0.3, "warm_up_tasks": 100}
FULL = {"rounds": 3, "seconds": 0.8, "warm_up_tasks": 12_000}
FEWEST, MOST = 40, 12_000
"""한 번에 넣는 태스크의 수의 범위입니다."""
PACKAGES = ("celery", "kombu", "redis", "rq", "confluent-kafka", "dramatiq", "huey", "taskiq")
Sample = dict[str, Any]


def measure(*, quick: bool, progress: Progress) -> Result:
    """모든 시스템을 띄워 두고, 번갈아 큐를 채웠다가 풉니다."""
    settings: dict[str, Any] = QUICK if quick else FULL
    systems, missing = chosen(quick)
    task = progress.add_task("워커를 띄웁니다", total=len(systems) * (settings["rounds"] + 1))
    with started(systems) as bench:
        versions = {
            **results.versions(PACKAGES),
            "taskiq-redis": results.versions(["taskiq-redis"])["taskiq-redis"],
            "Valkey": results.redis_server_version(),
            **bench.versions(),
        }
        rates = {}
        for system in systems:
            progress.update(task, description=f"데웁니다: {system.name}", advance=1)
            rates[system.name] = bench.warm_up(system, settings["warm_up_tasks"])
        samples: list[Sample] = []
        for turn in range(settings["rounds"]):
            # 매번 다른 차례로 재어, 앞의 것이 뒤의 것에 주는 영향을 나눕니다.
            for system in systems if turn % 2 == 0 else reversed(systems):
                progress.update(task, description=f"잽니다: {system.name}", advance=1)
                samples += one_round(bench, system, rates[system.name], settings["seconds"])
    return Result(
        name="throughput",
        rows=summary(systems, samples),
        settings={
            **settings,
            "missing": missing,
            "commands": {system.name: system.commands[0] for system in systems},
        },
        quick=quick,
        versions=versions,
        samples={"turns": samples},
    )


def one_round(bench: Bench, system: System, rate: float, seconds: float) -> list[Sample]:
    """빈 태스크와 10 ms 태스크를 한 번씩 잽니다. 수는 `seconds`초쯤 걸리게 정합니다."""
    samples = []
    for kind, expected in ((NOTHING, rate), (NAP, min(rate, NAPS_PER_SLOT * system.slots))):
        count = round(min(max(expected * seconds, FEWEST), MOST))
        turn = asdict(bench.turn(system, kind, count))
        rounded = {name: value and float(f"{value:.5g}") for name, value in turn.items()}
        samples.append({"system": system.name, "task": kind, "count": count, **rounded})
    return samples


def summary(systems: list[System], samples: list[Sample]) -> list[dict[str, Any]]:
    """시스템마다 한 줄입니다. 값은 모두 중앙값입니다."""

    def values(system: System, task: str, key: str) -> list[float]:
        return [
            sample[key]
            for sample in samples
            if (sample["system"], sample["task"]) == (system.name, task) and sample[key] is not None
        ]

    def middle(system: System, task: str, key: str) -> float:
        return statistics.median(values(system, task, key))

    bare = middle(BARE, NOTHING, "handle")
    rows = []
    for system in systems:
        handled = values(system, NOTHING, "handle")
        nap = middle(system, NAP, "handle")
        memory = values(system, NOTHING, "memory")
        rows.append(
            {
                "system": system.name,
                "title": system.title,
                "settings": system.settings,
                "slots": system.slots,
                "publish": round(middle(system, NOTHING, "publish")),
                "handle": round(statistics.median(handled)),
                "lowest": round(min(handled)),
                "highest": round(max(handled)),
                "ratio": round(statistics.median(handled) / bare, 3),
                "nap": round(nap),
                "share": round(100 * nap / (NAPS_PER_SLOT * system.slots)),
                "memory": round(statistics.median(memory)) if memory else None,
                "worker_us": round(1e6 * middle(system, NOTHING, "worker_cpu")),
                "broker_us": round(1e6 * middle(system, NOTHING, "broker_cpu")),
            }
        )
    return rows


def check(result: Result) -> list[str]:
    """누가 이기는지와, 낼 수 있는 것보다 빠르다고 잘못 세지 않았는지 봅니다."""
    rows = {row["system"]: row for row in result.rows}
    wrong = [
        f"{row['title']}({row['settings']}): 10 ms 태스크를 낼 수 있는 것보다 많이 끝냈습니다"
        for row in result.rows
        if row["share"] > 102
    ]

    def slower(slow: str, fast: str, key: str = "handle") -> None:
        if slow in rows and fast in rows and rows[slow][key] >= rows[fast][key]:
            wrong.append(f"{slow}의 {COLUMNS[key]}이(가) {fast}보다 적지 않습니다")

    for name in rows:
        if name.startswith(("celery", "rq")):
            slower(name, BARE.name)
    slower("rq-worker", "rq-simpleworker")
    if not result.quick:
        # 적게 넣으면 컨슈머가 첫 묶음을 기다리는 시간만 재게 됩니다.
        slower("kafka-1", "kafka-100")
    slower("celery-redis-1-4", "celery-redis-4-4", "nap")
    slower("celery-rabbitmq-1-4", "celery-rabbitmq-4-4", "nap")
    return wrong


def charts(result: Result) -> dict[str, Any]:
    """동시에 넷을 실행하는 시스템의 빈 태스크를 견줍니다."""
    from measurements import charts

    rows = sorted((row for row in result.rows if row["slots"] == 4), key=lambda row: row["handle"])
    figure, axes = charts.chart(
        "초당 끝낸 빈 태스크의 수",
        f"동시에 넷을 실행할 때, 가장 적은 것은 {rows[0]['title']}({rows[0]['settings']}), "
        f"가장 많은 것은 {rows[-1]['title']}({rows[-1]['settings']})입니다. "
        "값은 아래의 표에 있습니다.",
        x="빈 태스크 (개/초, 로그)",
        y="",
    )
    with charts.styled():
        figure.set_size_inches(5.0, 0.55 * len(rows) + 1)
        labels = [label_of(row) for row in rows]
        values = [row["handle"] for row in rows]
        axes.barh(labels, values, color=charts.SERIES[0], height=0.6)
        axes.set_xscale("log")
        axes.grid(visible=False, axis="y")
    return {"nothing": figure}


def label_of(row: dict[str, Any]) -> str:
    """그림에 적을 이름입니다. 설정은 앞의 둘만 적습니다. 나머지는 표에 있습니다."""
    return f"{row['title']}\n{', '.join(row['settings'].split(', ')[:2])}"
