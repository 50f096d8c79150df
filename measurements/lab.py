"""실습 도구와 사이트의 수치: 첫 응답까지의 시간, 프록시가 더하는 시간, 빌드, 페이지의 무게."""

import asyncio
import os
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.progress import Progress, TaskID

from lab.site import build_site
from measurements import results
from measurements.first_response import fresh_clone, seconds_to_first_response
from measurements.lab_overhead import (
    address_of_example,
    first_request,
    pairs,
    requests_per_second,
    running_lab,
    watching,
)
from measurements.page_weight import kilobytes_of_pages, seconds_to_build
from measurements.results import Result

TITLE = "실습 도구와 사이트"
COLUMNS = {
    "item": "잰 것",
    "value": "중앙값",
    "lowest": "가장 작은 것",
    "highest": "가장 큰 것",
    "unit": "단위",
    "goal": "목표",
    "times": "횟수",
}
COLD = "새로 받은 저장소에서 첫 응답까지 (빈 캐시)"
AGAIN = "같은 저장소에서 다시 실행해 첫 응답까지"
READY = "실습 도구의 시작에서 준비까지"
FIRST = "시작하지 않은 예제의 첫 응답"
ADDED = "프록시가 응답 시간에 더하는 것"
SLOWED = "화면 20개가 볼 때 줄어드는 처리량"
BUILD = "사이트의 빌드"
WEIGHT = "페이지 하나의 무게 (글꼴 포함, 압축하지 않음)"
GOALS = {AGAIN: 10, READY: 3, FIRST: 3, ADDED: 3, SLOWED: 10, BUILD: 5}
VIEWERS = 20
SETTLE_SECONDS = 0.5
"""보는 화면이 모두 연결되고 조용해지기를 기다리는 시간입니다."""
PAGES = ["", "lessons/01-basic/", "lessons/04-celery/", "pitfalls/", "measurements/latency/"]
QUICK = {"labs": 1, "pairs": 50, "seconds": 0.5, "builds": 1, "pages": 1, "clones": 0, "rounds": 1}
FULL = {"labs": 3, "pairs": 500, "seconds": 3.0, "builds": 3, "pages": 5, "clones": 1, "rounds": 3}
Samples = dict[str, list[float]]


def measure(*, quick: bool, progress: Progress) -> Result:
    """빌드하고, 실습 도구를 여러 번 시작해 재고, 마지막으로 새로 받은 저장소에서 잽니다."""
    settings: dict[str, Any] = QUICK if quick else FULL
    task = progress.add_task("사이트를 빌드합니다", total=3)
    found = measure_site(settings)
    progress.update(task, description="실습 도구를 시작해 잽니다", advance=1)
    build_site()
    for _ in range(settings["labs"]):
        with running_lab() as (address, ready):
            merge(found, {READY: [ready]})
            merge(found, asyncio.run(measure_lab(address, settings)))
    progress.update(task, description="새로 받은 저장소에서 잽니다", advance=1)
    merge(found, measure_clone(settings, progress, task))
    units = {ADDED: "ms", SLOWED: "%", WEIGHT: "kB"}
    rows = [row_of(item, values, units.get(item, "초")) for item, values in found.items()]
    return Result(
        name="lab",
        rows=rows,
        settings={**settings, "viewers": VIEWERS, "page_paths": PAGES[: settings["pages"]]},
        quick=quick,
        versions=results.versions(["fastapi", "uvicorn", "aiohttp", "mkdocs-material"]),
        samples={item: [round(value, 3) for value in values] for item, values in found.items()},
    )


def merge(found: Samples, more: Samples) -> None:
    """잰 값을 더합니다."""
    for item, values in more.items():
        found.setdefault(item, []).extend(values)


def measure_site(settings: dict[str, Any]) -> Samples:
    """빌드하는 시간과 페이지의 무게입니다."""
    with tempfile.TemporaryDirectory(prefix="measure-") as folder:
        site = Path(folder) / "site"
        found = {BUILD: [seconds_to_build(site) for _ in range(settings["builds"])]}
        if weights := kilobytes_of_pages(site, PAGES[: settings["pages"]]):
            found[WEIGHT] = weights
    return found


async def measure_lab(address: str, settings: dict[str, Any]) -> Samples:
    """실행 중인 실습 도구에서 첫 응답, 프록시, 보는 화면을 잽니다."""
    first = await first_request(address)
    direct = await address_of_example(address)
    await pairs(address, direct, 20)
    alone, proxied = await pairs(address, direct, settings["pairs"])
    slowed = []
    for _ in range(settings["rounds"]):
        before = await requests_per_second(direct, settings["seconds"])
        with watching(address, VIEWERS):
            await asyncio.sleep(SETTLE_SECONDS)
            watched = await requests_per_second(direct, settings["seconds"])
        after = await requests_per_second(direct, settings["seconds"])
        slowed.append((1 - watched / ((before + after) / 2)) * 100)
    added = statistics.median(proxied) - statistics.median(alone)
    return {FIRST: [first], ADDED: [added], SLOWED: slowed}


def measure_clone(settings: dict[str, Any], progress: Progress, task: TaskID) -> Samples:
    """빈 캐시로 한 번, 같은 곳에서 여러 번 더 실행합니다. Windows에서는 재지 않습니다."""
    found: Samples = {}
    if os.name != "posix":
        return found
    for _ in range(settings["clones"]):
        with fresh_clone() as (clone, variables):
            merge(found, {COLD: [seconds_to_first_response(clone, variables)]})
            for _ in range(settings["rounds"]):
                merge(found, {AGAIN: [seconds_to_first_response(clone, variables)]})
    progress.advance(task)
    return found


def row_of(item: str, values: Sequence[float], unit: str) -> dict[str, Any]:
    """표의 한 줄입니다."""
    return {
        "item": item,
        "value": round(statistics.median(values), 2),
        "lowest": round(min(values), 2),
        "highest": round(max(values), 2),
        "unit": unit,
        "goal": f"{GOALS[item]} 미만" if item in GOALS else None,
        "times": len(values),
    }


def check(result: Result) -> list[str]:
    """프록시를 거치면 더 빨라질 수 없고, 캐시가 있으면 더 느려질 수 없습니다."""
    wrong = []
    value = {row["item"]: row["value"] for row in result.rows}
    missing = {BUILD, READY, FIRST, ADDED, SLOWED} - set(value)
    if missing:
        wrong.append(f"재지 못한 것이 있습니다: {', '.join(sorted(missing))}")
    if value.get(ADDED, 1) <= 0:
        wrong.append("프록시를 거친 응답이 직접 부른 것보다 빠릅니다")
    if value.get(COLD, 1) < value.get(AGAIN, 0):
        wrong.append("빈 캐시로 실행한 것이 다시 실행한 것보다 빠릅니다")
    return wrong
