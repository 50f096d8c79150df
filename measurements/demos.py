"""시연에서 기계가 걸리는 시간입니다. 말하지도 기다리지도 않고 대본을 끝까지 실행하여 잽니다."""

import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from rich.progress import Progress

from lab.catalogue import EXAMPLES
from lab.demo.presenting import stage_of
from lab.demo.script import DemoError, Script, scripts
from lab.services import free_port
from lab.stage import WRITTEN
from measurements import results
from measurements.results import MeasurementError, Result

TITLE = "시연에 걸리는 시간"
COLUMNS = {
    "name": "시연",
    "title": "내용",
    "value": "중앙값 (초)",
    "lowest": "가장 짧은 것 (초)",
    "highest": "가장 긴 것 (초)",
}
QUICK = {"rounds": 1, "demos": 1}
FULL = {"rounds": 3, "demos": None}
WIDTH = 110


def measure(*, quick: bool, progress: Progress) -> Result:
    """대본을 차례로 실행하기를 되풀이합니다.

    Raises:
        MeasurementError: 대본에 적힌 것과 다른 일이 일어났을 때.
    """
    settings: dict[str, Any] = QUICK if quick else FULL
    chosen = scripts()[: settings["demos"]]
    task = progress.add_task("시연합니다", total=settings["rounds"] * len(chosen))
    samples: dict[str, list[float]] = {script.name: [] for script in chosen}
    for _ in range(settings["rounds"]):
        for script in chosen:
            samples[script.name].append(round(seconds_of(script), 3))
            progress.advance(task)
    return Result(
        name="demos",
        rows=[row_of(script, samples[script.name]) for script in chosen],
        settings={"rounds": settings["rounds"]},
        quick=quick,
        versions=results.versions(["fastapi", "uvicorn", "celery", "rq", "confluent-kafka"]),
        samples=samples,
    )


def seconds_of(script: Script) -> float:
    """예제를 준비하고, 걸음을 모두 실행하고, 예제를 끝내기까지 걸린 시간(초)입니다."""
    with tempfile.TemporaryDirectory(prefix="measure-") as folder:
        examples = Path(folder) / "examples"
        shutil.copytree(EXAMPLES, examples, ignore=shutil.ignore_patterns(*WRITTEN))
        began = time.monotonic()
        try:
            with stage_of(script, free_port(), None, examples) as stage:
                for step in script.steps:
                    stage.perform(step, WIDTH, "#")
        except DemoError as error:
            raise MeasurementError(f"{script.name} 시연이 되지 않았습니다: {error}") from None
        return time.monotonic() - began


def row_of(script: Script, seconds: list[float]) -> dict[str, Any]:
    """표의 한 줄입니다."""
    return {
        "name": script.name,
        "title": script.title,
        "value": round(statistics.median(seconds), 1),
        "lowest": round(min(seconds), 1),
        "highest": round(max(seconds), 1),
    }


def check(result: Result) -> list[str]:
    """가시성 타임아웃을 기다리는 04가 가장 길어야 합니다. 절대 시간은 보지 않습니다."""
    longest = max(result.rows, key=lambda row: float(row["value"]))
    if len(result.rows) > 1 and longest["name"] != "04_celery":
        return [f"다시 배달되기를 기다리는 04_celery보다 {longest['name']}이 오래 걸립니다"]
    return []
