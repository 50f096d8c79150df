"""FastAPI와 Starlette의 버전마다 같은 앱을 실행해, 동작이 언제 바뀌었는지 확인합니다."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from rich.progress import Progress

from measurements import results
from measurements.results import Result
from measurements.versions.behaviours import BEHAVIOURS, Behaviour
from measurements.versions.environments import ENVIRONMENTS, PYTHON, run_in

TITLE = "버전별 동작"
COLUMNS = {
    "fastapi": "FastAPI",
    "starlette": "Starlette",
    **{behaviour.name: behaviour.title for behaviour in BEHAVIOURS},
}
TOGETHER = 2
"""한꺼번에 만드는 환경의 수입니다."""
FEWEST_RELEASES = 12
"""이보다 적은 FastAPI 버전에서는 모두 확인했다고 하지 않습니다."""


def measure(*, quick: bool, progress: Progress) -> Result:
    """버전마다 환경을 만들어 앱을 실행합니다. 인터넷이 없으면 전에 내려받은 것만 쓸 수 있습니다."""
    chosen = [each for each in ENVIRONMENTS if each.quick or not quick]
    names = [behaviour.name for behaviour in BEHAVIOURS]
    task = progress.add_task("버전마다 환경을 만들어 실행합니다", total=len(chosen))
    pool = ThreadPoolExecutor(TOGETHER)
    try:
        found = []
        for one in pool.map(lambda environment: run_in(environment, names), chosen):
            found.append(one)
            progress.advance(task)
    finally:
        pool.shutdown(cancel_futures=True)
    return Result(
        name="versions",
        rows=[row_of(each) for each in found],
        settings={"python": PYTHON, "packages": [each.packages() for each in chosen]},
        quick=quick,
        versions=results.versions([]),
        samples={"runs": found},
    )


def row_of(run: dict[str, Any]) -> dict[str, Any]:
    """표의 한 줄입니다. 답은 참, 거짓, 또는 기능이 없다는 None입니다."""
    answers = {
        behaviour.name: None if events is None else behaviour.holds(events)
        for behaviour in BEHAVIOURS
        for events in [run["events"][behaviour.name]]
    }
    versions = run["versions"]
    return {"fastapi": versions["fastapi"], "starlette": versions["starlette"], **answers}


def check(result: Result) -> list[str]:
    """답이 알려진 버전에서만 바뀌어야 합니다. 새 버전이 동작을 바꾸면 여기에서 알게 됩니다."""
    wrong = []
    for row in result.rows:
        for behaviour in BEHAVIOURS:
            expected = behaviour.expected(row[behaviour.package])
            if row[behaviour.name] != expected:
                wrong.append(
                    f"FastAPI {row['fastapi']}, Starlette {row['starlette']}: "
                    f"'{behaviour.claim}'의 답이 {results.written(row[behaviour.name])}입니다. "
                    f"알려진 답은 {results.written(expected)}입니다"
                )
    for behaviour in BEHAVIOURS:
        wrong += unbracketed(behaviour, {row[behaviour.package] for row in result.rows})
    releases = {row["fastapi"] for row in result.rows}
    if not result.quick and len(releases) < FEWEST_RELEASES:
        wrong.append(f"FastAPI의 버전이 {len(releases)}개뿐입니다. {FEWEST_RELEASES}개 이상 재세요")
    return wrong


def unbracketed(behaviour: Behaviour, measured: set[str]) -> list[str]:
    """답이 바뀐 버전과 그 바로 앞의 버전을 모두 재어야, 언제 바뀌었는지 말할 수 있습니다."""
    return [
        f"'{behaviour.claim}'의 답이 바뀐 {behaviour.package} {version}을 재지 않았습니다"
        for change in behaviour.changes
        for version in (change.before, change.since)
        if version not in measured
    ]
