"""방법마다 고장을 내고, 응답을 받은 태스크가 몇 개나 실행되었는지 셉니다.

Jepsen처럼 역사(history.py)를 적고, 고장(nemesis.py)을 내고, 역사만 보고 셉니다(checker.py).
"""

import asyncio
import itertools
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from rich.progress import Progress

from lab.processes import StartError
from lab.services import ServiceUnavailableError
from measurements import results
from measurements.durability import checker, expectations, history
from measurements.durability.cell import IN_FLIGHT, Cell, Scale, name_of
from measurements.durability.clients import CLIENTS, PAUSE
from measurements.durability.faults import FAULTS, Fault
from measurements.durability.history import Event
from measurements.durability.nemesis import KILLS
from measurements.durability.ways import IN_PROCESS_SECONDS, QUEUED_SECONDS, WAYS, Way
from measurements.programs import QUIET
from measurements.results import MeasurementError, Result

TITLE = "고장이 나도 태스크가 실행되는가"
COLUMNS = {
    "way": "방법",
    "fault": "고장",
    "submitted": "보낸 것",
    "acknowledged": "응답을 받은 것",
    "once": "한 번",
    "twice": "두 번 이상",
    "left": "남음",
    "lost": "유실",
    "done_without_answer": "응답 없이 실행",
    "note": "비고",
}
FULL = Scale(tasks=200, silent_seconds=10, task_time_limit=8)
QUICK = Scale(tasks=45, silent_seconds=2, task_time_limit=2)
QUICK_CELLS = (
    ("celery_redis", "sigkill_worker"),
    ("celery_default", "sigkill_worker"),
    ("background_tasks", "sigkill_web"),
    ("create_task", "sigterm_web"),
)
AT_ONCE = 5
"""한꺼번에 재는 칸의 수입니다. 걸린 시간이 아니라 개수를 세므로 함께 실행해도 됩니다."""
Found = dict[str, list[Event]]


def measure(*, quick: bool, progress: Progress) -> Result:
    """칸마다 새로 시작하여 잽니다. 짧게 재지 않으면 역사도 적습니다.

    Raises:
        MeasurementError: 사용자의 브로커를 쓰게 되어 있을 때, 또는 재지 못했을 때.
    """
    refuse_brokers_of_others()
    scale = QUICK if quick else FULL
    cells = [
        Cell(way, fault, scale)
        for way, fault in pairs()
        if not fault.not_for(way) and (not quick or (way.name, fault.name) in QUICK_CELLS)
    ]
    found = asyncio.run(measure_all(cells, progress))
    if not quick:
        history.save(found)
    brokers = sorted({cell.broker for cell in cells if cell.broker})
    return Result(
        name="durability",
        rows=[row_of(*pair, found) for pair in pairs() if not quick or name_of(*pair) in found],
        settings={
            **asdict(scale),
            "clients": CLIENTS,
            "pause_seconds": PAUSE,
            "in_flight_at_the_fault": IN_FLIGHT,
            "kills_of_a_child": KILLS,
            "work_seconds": {"web": IN_PROCESS_SECONDS, "worker": QUEUED_SECONDS},
            "ways": {way.title: described(way, scale) for way in WAYS},
            "uvicorn": f"프로세스 하나, {QUIET}",
        },
        samples={"histories": {name: f"durability/{name}.jsonl.gz" for name in sorted(found)}},
        quick=quick,
        versions=results.versions(
            ["fastapi", "uvicorn", "celery", "kombu", "redis", "rq", "confluent-kafka"],
            **dict(broker.rsplit(" ", 1) for broker in brokers),
        ),
    )


def refuse_brokers_of_others() -> None:
    """사용자의 브로커를 죽이지 않게, 그 주소가 환경 변수에 있으면 재지 않습니다.

    Raises:
        MeasurementError: 주소가 있을 때.
    """
    for way in WAYS:
        if way.broker and os.environ.get(way.broker.variable):
            name = way.broker.variable
            raise MeasurementError(
                f"이 측정은 브로커를 죽이고 데이터를 지웁니다. {name}을(를) 지우고 다시 재세요"
            )


async def measure_all(cells: Sequence[Cell], progress: Progress) -> Found:
    """모든 칸을 몇 개씩 함께 잽니다. 오래 걸리는 것을 먼저 시작합니다."""
    task = progress.add_task("고장을 내고 되돌립니다", total=len(cells))
    slots = asyncio.Semaphore(AT_ONCE)
    found: Found = {}

    async def one(cell: Cell) -> None:
        async with slots:
            found[cell.name] = await cell.run()
        progress.advance(task)

    try:
        async with asyncio.TaskGroup() as group:
            for cell in sorted(cells, key=lambda cell: -cell.way.patience):
                group.create_task(one(cell))
    except* (MeasurementError, ServiceUnavailableError, StartError) as errors:
        first = next(leaves(errors))
    else:
        return found
    raise first


def leaves(error: BaseException) -> Iterator[BaseException]:
    """묶음에 든 예외를 하나씩 꺼냅니다."""
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from leaves(each)
    else:
        yield error


def pairs() -> list[tuple[Way, Fault]]:
    """표의 모든 칸입니다."""
    return list(itertools.product(WAYS, FAULTS))


def described(way: Way, scale: Scale) -> str:
    """방법의 설정을 적은 글입니다."""
    limit = scale.task_time_limit
    return way.settings.format(limit=limit, visibility=2 * limit)


def row_of(way: Way, fault: Fault, found: Found) -> dict[str, Any]:
    """표의 한 줄입니다. 잴 수 없는 칸에는 그 까닭만 있습니다."""
    titles = {"way": way.title, "fault": fault.title}
    if reason := fault.not_for(way):
        return {**titles, "note": f"해당 없음: {reason}"}
    events = found[name_of(way, fault)]
    counts = checker.count(events)
    return {**titles, **counts.as_row(), "note": note_on(events)}


def note_on(events: Sequence[Event]) -> str:
    """남은 것이 어디에 있는지, 유실된 것이 실패로 적혀 있는지입니다."""
    places = Counter(event["where"] for event in events if event["event"] == history.LEFT)
    failures = Counter(event["why"] for event in events if event["event"] == history.FAILED)
    notes = [f"{where}에 {times}" for where, times in sorted(places.items())]
    notes += [f"FAILURE({why}) {times}" for why, times in sorted(failures.items())]
    return ", ".join(notes)


def check(result: Result) -> list[str]:
    """칸마다 있어야 할 것과 없어야 할 것, 그리고 적어 둔 역사를 다시 세어 같은지 봅니다."""
    wrong = []
    rows = {(row["way"], row["fault"]): row for row in result.rows}
    for way, fault in pairs():
        row = rows.get((way.title, fault.title))
        if row is None or "submitted" not in row:
            continue
        wrong += expectations.complaints(way.name, fault.name, row)
        name = name_of(way, fault)
        if not result.quick and row != row_of(way, fault, {name: history.load(name)}):
            wrong.append(f"{name}: 역사를 다시 세면 표와 다릅니다")
    return wrong
