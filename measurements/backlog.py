"""워커가 쉬는 동안 큐에 태스크를 쌓아, 넣고 꺼내는 값이 달라지는지와 메모리를 잽니다."""

import statistics
import time
from itertools import groupby
from typing import Any

from rich.progress import Progress

from measurements import results
from measurements.results import Result
from measurements.throughput.bench import NOTHING, Bench
from measurements.throughput.starting import started
from measurements.throughput.systems import RABBITMQ, REDIS, System, chosen

TITLE = "쌓인 태스크의 수와, 하나를 더 넣고 꺼내는 값"
COLUMNS = {
    "title": "시스템",
    "depth": "쌓인 태스크 (개)",
    "publish": "넣기, 중앙값 (개/초)",
    "publish_lowest": "가장 느린 것 (개/초)",
    "handle": "꺼내 끝내기, 중앙값 (개/초)",
    "handle_lowest": "가장 느린 것 (개/초)",
    "memory": "메모리 (바이트/개)",
}
SYSTEMS = ("celery-redis-4-4", "celery-rabbitmq-4-4", "rq-simpleworker")
QUICK: dict[str, Any] = {"systems": SYSTEMS[::2], "depths": [0, 3000], "tasks": 100, "repeats": 1}
FULL: dict[str, Any] = {
    "systems": SYSTEMS,
    "depths": [0, 1000, 10_000, 100_000],
    "tasks": 300,
    "repeats": 3,
}
KINDS = {
    REDIS: "Redis가 데이터에 쓰는 메모리(used_memory)",
    RABBITMQ: "RabbitMQ 프로세스의 메모리(RSS)",
}
Sample = dict[str, Any]


def measure(*, quick: bool, progress: Progress) -> Result:
    """큐를 점점 깊게 채우며, 깊이마다 몇 개를 더 넣고 꺼냅니다."""
    settings = QUICK if quick else FULL
    known, missing = chosen(quick=False)
    systems = [system for system in known if system.name in settings["systems"]]
    total = len(systems) * len(settings["depths"])
    task = progress.add_task("큐를 채웁니다", total=total)
    samples: list[Sample] = []
    with started(systems) as bench:
        versions = results.versions(
            ["celery", "redis", "rq"],
            Valkey=results.redis_server_version(),
            **bench.versions(),
        )
        for system in systems:
            bench.warm_up(system)
            with bench.frozen(system):
                base, filled = used(bench, system), 0
                for depth in settings["depths"]:
                    if depth > filled:
                        bench.publish(system, NOTHING, depth - filled, call="fill")
                        filled = depth
                    memory = (used(bench, system) - base) / depth if depth else None
                    for _ in range(settings["repeats"]):
                        turn = publish_and_handle(bench, system, settings["tasks"])
                        sample = {"system": system.name, "depth": depth, "memory": memory}
                        samples.append({**sample, **turn})
                    progress.advance(task)
                # 쌓아 둔 것을 마저 처리하느라 다음 시스템을 늦추지 않게 합니다.
                bench.kill(system)
    return Result(
        name="backlog",
        rows=summary(systems, samples),
        settings={**settings, "missing": missing, "memory": KINDS},
        quick=quick,
        versions=versions,
        samples={"turns": samples},
    )


def used(bench: Bench, system: System) -> int:
    """브로커가 지금 쓰는 메모리(바이트)입니다."""
    return bench.memory() if system.broker == REDIS else bench.resident(system)


def publish_and_handle(bench: Bench, system: System, count: int) -> Sample:
    """멈춘 워커의 큐에 `count`개를 더 넣고, 풀어서 그만큼 끝내면 다시 멈춥니다."""
    seconds = bench.publish(system, NOTHING, count)
    goal = bench.done(system) + count
    bench.suspend(system, False)
    began = time.perf_counter()
    bench.until(lambda: bench.done(system) >= goal, system)
    elapsed = time.perf_counter() - began
    bench.suspend(system, True)
    return {"publish": round(count / seconds, 1), "handle": round(count / elapsed, 1)}


def summary(systems: list[System], samples: list[Sample]) -> list[dict[str, Any]]:
    """시스템과 쌓인 수마다 한 줄입니다."""
    titles = {system.name: f"{system.title} ({system.settings})" for system in systems}
    rows = []
    for (name, depth), group in groupby(samples, lambda each: (each["system"], each["depth"])):
        same = list(group)
        publish = [sample["publish"] for sample in same]
        handle = [sample["handle"] for sample in same]
        memory = same[0]["memory"]
        rows.append(
            {
                "system": name,
                "title": titles[name],
                "depth": depth,
                "publish": round(statistics.median(publish)),
                "publish_lowest": round(min(publish)),
                "handle": round(statistics.median(handle)),
                "handle_lowest": round(min(handle)),
                "memory": None if memory is None else round(memory),
            }
        )
    return rows


def check(result: Result) -> list[str]:
    """많이 쌓여도 하나를 더 넣고 꺼내는 값이 몇 배로 커지지는 않아야 합니다."""
    wrong = []
    for name, group in groupby(result.rows, lambda row: row["system"]):
        shallow, *_, deep = list(group)
        for key in ("publish", "handle"):
            if deep[key] < shallow[key] / 4:
                wrong.append(
                    f"{name}: {deep['depth']:,}개가 쌓이자 {COLUMNS[key]}가 4분의 1이 되었습니다"
                )
        if deep["memory"] is None or deep["memory"] <= 0:
            wrong.append(f"{name}: 큐에 쌓았는데 메모리가 늘지 않았습니다")
    return wrong


def charts(result: Result) -> dict[str, Any]:
    """쌓인 태스크의 수에 따라 초당 꺼내 끝낸 수의 꺾은선입니다."""
    from measurements import charts

    lines = {
        title: {row["depth"]: row["handle"] for row in group}
        for title, group in groupby(result.rows, lambda row: row["title"])
    }
    told = ", ".join(
        f"{title}: {min(found):,}개가 쌓였을 때 {found[min(found)]:,}개, "
        f"{max(found):,}개가 쌓였을 때 {found[max(found)]:,}개"
        for title, found in lines.items()
    )
    figure, axes = charts.chart(
        "쌓인 태스크의 수와, 초당 꺼내 끝낸 수",
        f"초당 꺼내 끝낸 수는 {told}입니다.",
        x="쌓인 태스크 (개)",
        y="꺼내 끝내기 (개/초)",
    )
    with charts.styled():
        for title, found in lines.items():
            axes.plot([f"{depth:,}" for depth in found], list(found.values()), label=title)
        axes.set_ylim(bottom=0)
    charts.legend(figure, columns=1)
    return {"handle": figure}
