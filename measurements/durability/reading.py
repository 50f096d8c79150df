"""적어 둔 이력을 사람이 읽게 합니다. 번호 하나의 일을 고장과 함께 차례로 늘어놓습니다."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated

import typer

from measurements.durability import checker, history
from measurements.durability.checker import numbers_of
from measurements.durability.history import DONE, FAILED, FAULT, LEFT, OK, REFUSED, SUBMIT, Event

NAMES = {
    SUBMIT: "보냄",
    OK: "응답",
    REFUSED: "연결이 거절됨",
    history.UNKNOWN: "알 수 없음",
    DONE: "실행됨",
    LEFT: "남음",
    FAILED: "실패로 적힘",
    FAULT: "고장",
}
KEYS = ("number", "status", "why", "pid", "where", "what")


def line_of(event: Event) -> str:
    """일 하나를 적은 줄입니다."""
    details = " ".join(
        str(event[key]) if key == "what" else f"{key}={event[key]}" for key in KEYS if key in event
    )
    return f"{event['t']:8.3f}초  {NAMES[event['event']]}  {details}"


def story(events: Sequence[Event], number: int) -> list[str]:
    """태스크 `number`에 일어난 일과, 그동안의 고장입니다."""
    return [
        line_of(event)
        for event in events
        if event["event"] == FAULT or event.get("number") == number
    ]


def note_on(events: Sequence[Event]) -> str:
    """남은 것이 어디에 있는지, 유실된 것이 실패로 적혀 있는지입니다."""
    places = Counter(event["where"] for event in events if event["event"] == LEFT)
    failures = Counter(event["why"] for event in events if event["event"] == FAILED)
    notes = [f"{where}에 {times}" for where, times in sorted(places.items())]
    notes += [f"FAILURE({why}) {times}" for why, times in sorted(failures.items())]
    return ", ".join(notes)


def interesting(events: Sequence[Event]) -> int:
    """볼 만한 번호입니다. 유실, 남음, 두 번 실행, 가장 늦은 실행의 차례로 찾습니다."""
    done = numbers_of(events, DONE)
    left = sorted(numbers_of(events, LEFT).keys() - done.keys())
    twice = sorted(number for number, times in done.items() if times > 1)
    found = [*checker.lost_numbers(events), *left, *twice]
    return found[0] if found else max(done, key=lambda number: delay(events, number))


def delay(events: Sequence[Event], number: int) -> float:
    """응답을 받은 뒤 실행되기까지의 시간(초)입니다."""
    times = {event["event"]: float(event["t"]) for event in events if event.get("number") == number}
    return times.get(DONE, 0) - times.get(OK, times.get(DONE, 0))


def show(
    way: Annotated[str, typer.Argument(help="방법. 예: celery_default")],
    fault: Annotated[str, typer.Argument(help="고장. 예: sigkill_worker")],
    number: Annotated[int | None, typer.Argument(help="태스크의 번호")] = None,
) -> None:
    """durability의 이력을 다시 세고, 태스크 하나에 일어난 일을 봅니다."""
    events = history.load(f"{way}-{fault}")
    counts = checker.count(events)
    for name, count in counts.as_row().items():
        typer.echo(f"{name:20} {count}")
    lost = ", ".join(map(str, checker.lost_numbers(events))) or "없음"
    typer.echo(f"유실된 번호: {lost}\n")
    for line in story(events, number or interesting(events)):
        typer.echo(line)
