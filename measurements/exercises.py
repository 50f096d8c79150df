"""연습 하나를 확인하는 시간입니다. 답의 보기를 채점하여 잽니다."""

import statistics
from typing import Any

from rich.progress import Progress

from lab.checking.exercises import Exercise, exercises
from lab.checking.grading import grade
from measurements import results
from measurements.results import MeasurementError, Result

TITLE = "연습 하나를 확인하는 시간"
COLUMNS = {
    "number": "연습",
    "title": "내용",
    "value": "중앙값 (초)",
    "lowest": "가장 짧은 것 (초)",
    "highest": "가장 긴 것 (초)",
    "goal": "목표 (초)",
}
SHORT_SECONDS, LONG_SECONDS = 3, 6
BROKERS = ("redis()", "kafka()", "rabbitmq()")
QUICK = {"rounds": 1, "exercises": 1}
FULL = {"rounds": 3, "exercises": None}


def measure(*, quick: bool, progress: Progress) -> Result:
    """연습을 차례로 채점하기를 되풀이합니다.

    Raises:
        MeasurementError: 답의 보기가 통과하지 못했을 때.
    """
    settings: dict[str, Any] = QUICK if quick else FULL
    chosen = exercises()[: settings["exercises"]]
    task = progress.add_task("연습을 확인합니다", total=settings["rounds"] * len(chosen))
    samples: dict[str, list[float]] = {exercise.number: [] for exercise in chosen}
    for _ in range(settings["rounds"]):
        for exercise in chosen:
            verdict = grade(exercise, exercise.solution)
            if not verdict.passed:
                raise MeasurementError(f"{exercise.number}의 답이 막혔습니다: {verdict.seen}")
            samples[exercise.number].append(round(verdict.seconds, 3))
            progress.advance(task)
    return Result(
        name="exercises",
        rows=[row_of(exercise, samples[exercise.number]) for exercise in chosen],
        settings={"rounds": settings["rounds"]},
        quick=quick,
        versions=results.versions(["fastapi", "uvicorn", "celery", "rq", "confluent-kafka"]),
        samples=samples,
    )


def goal_of(exercise: Exercise) -> int:
    """기다려도 되는 시간(초)입니다. 브로커를 쓰면 프로세스를 더 시작하므로 더 걸립니다."""
    source = (exercise.folder / "grader.py").read_text(encoding="utf-8")
    return LONG_SECONDS if any(broker in source for broker in BROKERS) else SHORT_SECONDS


def row_of(exercise: Exercise, seconds: list[float]) -> dict[str, Any]:
    """표의 한 줄입니다."""
    return {
        "number": exercise.number,
        "title": exercise.title,
        "value": round(statistics.median(seconds), 1),
        "lowest": round(min(seconds), 1),
        "highest": round(max(seconds), 1),
        "goal": goal_of(exercise),
    }


def check(result: Result) -> list[str]:
    """브로커가 없는 연습이 있는 연습보다 대체로 짧아야 합니다. 절대 시간은 보지 않습니다."""
    short = [row["value"] for row in result.rows if row["goal"] == SHORT_SECONDS]
    long = [row["value"] for row in result.rows if row["goal"] == LONG_SECONDS]
    if short and long and statistics.median(short) >= statistics.median(long):
        return ["브로커를 쓰지 않는 연습이 쓰는 연습보다 오래 걸립니다"]
    return []
