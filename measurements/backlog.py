"""워커가 쉬는 동안 큐에 태스크를 쌓아, 넣고 꺼내는 값이 달라지는지와 메모리를 잽니다."""

import statistics
import time
from itertools import groupby
from typing import Any

from rich.progress import Progress

from measurements import results
from measurements.results import Result
from measurements.throughput.bench import NOTHING, Bench, started
from measurements.throughput.systems import KAFKA, RABBITMQ, REDIS, System, chosen

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
SYSTEMS = ("celery-redis-4-4", "celery-rabbitmq-4-4", "rq-simpleworker", "kafka-100")
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
    KAFKA: "연습용 브로커 프로세스의 메모리(RSS)",
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
            ["celery", "redis", "rq", "confluent-kafka"],
            Valkey=results.redis_server_version(),
            **bench.versions(),
        )
        for system in systems:
            bench.warm_up(system)
            base = used(bench, system)
            for depth in settings["depths"]:
                samples += at_depth(bench, system, depth, base, settings)
                progress.advance(task)
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


def at_depth(
    bench: Bench, system: System, depth: int, base: int, settings: dict[str, Any]
) -> list[Sample]:
    """`depth`개를 쌓은 다음, 되풀이해 몇 개를 더 넣고 그만큼 꺼냅니다."""
    count = settings["tasks"]
    samples = []
    filled = sum(each for each in settings["depths"] if each < depth)
    with bench.frozen(system):
        if depth:
            bench.publish(system, NOTHING, depth - filled, call="fill")
        memory = (used(bench, system) - base) / depth if depth else None
    return samples


def summary(systems: list[System], samples: list[Sample]) -> list[dict[str, Any]]:
    return []
