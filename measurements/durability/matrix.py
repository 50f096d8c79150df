"""모든 칸을 재어 표를 만듭니다."""

import asyncio
import itertools
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from rich.progress import Progress

from lab.processes import StartError
from lab.services import ServiceUnavailableError
from measurements import results
from measurements.durability import checker, history, reading
from measurements.durability.cell import IN_FLIGHT, Cell
from measurements.durability.clients import CLIENTS, PAUSE
from measurements.durability.faults import FAULTS, Fault, name_of
from measurements.durability.history import Event
from measurements.durability.nemesis import KILLS
from measurements.durability.scale import Scale
from measurements.durability.ways import IN_PROCESS_SECONDS, QUEUED_SECONDS, WAYS, Way
from measurements.programs import QUIET
from measurements.results import MeasurementError, Result

FULL = Scale(tasks=200, silent_seconds=10, task_time_limit=15)
QUICK = Scale(tasks=45, silent_seconds=2, task_time_limit=2, patience=0.5)
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
    """칸마다 새로 시작하여 잽니다. 짧게 재지 않으면 이력도 적습니다.

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
    titles = {"cell": name_of(way, fault), "way": way.title, "fault": fault.title}
    if reason := fault.not_for(way):
        return {**titles, "note": f"해당 없음: {reason}"}
    events = found[name_of(way, fault)]
    counts = checker.count(events)
    return {**titles, **counts.as_row(), "note": reading.note_on(events)}
