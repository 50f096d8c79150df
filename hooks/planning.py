"""수업 시간에 들어갈 것을 고릅니다: 장의 수업, 연습, 함정의 시연을 앞의 것부터 채웁니다."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, zip_longest
from typing import Literal

OPENING = 10
"""설치를 확인하고 첫 명령을 함께 실행하는 시간(분)입니다."""
CLOSING = 10
"""정리하고, 질문을 받고, 수업 뒤에 묻는 것에 답하게 하는 시간(분)입니다."""
BREAK = 10
STRETCH = 60
"""쉬지 않고 이어 가는 최대 시간(분)입니다."""
PITFALL = 5
"""함정 하나를 실행해 보이고 고치는 시간(분)입니다."""
CORE = ("01-basic", "02-multiple", "04-celery")
"""어느 수업에나 들어가는 장입니다. 시간이 모자라면 뒤에서부터 뺍니다."""
NEXT = ("05-async", "03-dependencies")
"""시간이 남으면 더하는 장입니다. 여기에 없는 장은 그다음입니다."""
LAST = ("04-rabbitmq",)
"""따로 설치할 것이 있어 맨 나중에 더하는 장입니다."""
Kind = Literal["teaching", "exercise", "pitfall"]


@dataclass(frozen=True)
class Part:
    """시간표에 넣거나 뺄 수 있는 것 하나입니다."""

    lesson: str
    """예: "02-multiple" """
    kind: Kind
    name: str
    """연습의 번호나 함정의 이름입니다. 수업이면 빈 문자열입니다."""
    minutes: int


@dataclass(frozen=True)
class Lesson:
    """장 하나에 드는 시간(분)과, 그 페이지에 있는 연습과 함정입니다."""

    name: str
    title: str
    teaching: int
    exercises: tuple[tuple[str, int], ...]
    """연습의 번호와 시간(분)입니다."""
    pitfalls: tuple[str, ...]

    @property
    def parts(self) -> list[list[Part]]:
        """먼저 넣을 차례입니다. 수업 다음에 연습과 함정을 하나씩 묶습니다."""
        exercises = [Part(self.name, "exercise", *each) for each in self.exercises]
        pitfalls = [Part(self.name, "pitfall", name, PITFALL) for name in self.pitfalls]
        pairs = zip_longest(exercises, pitfalls)
        return [
            [Part(self.name, "teaching", "", self.teaching)],
            *([part for part in pair if part] for pair in pairs),
        ]


@dataclass(frozen=True)
class Item:
    """시간표의 한 줄입니다."""

    name: str
    minutes: int


def in_order(lessons: list[Lesson]) -> Iterator[Part]:
    """먼저 넣을 차례입니다. 핵심인 장의 수업이 먼저이고, 장마다 연습과 함정을 하나씩 늘립니다."""
    by_name = {each.name: each.parts for each in lessons}
    core = [by_name[name] for name in CORE if name in by_name]
    later = [by_name[name] for name in NEXT if name in by_name]
    others = [name for name in by_name if name not in CORE + NEXT]
    rest = [by_name[name] for name in sorted(others, key=lambda name: name in LAST)]
    for level in (0, 1):
        yield from (part for parts in core for part in at(parts, level))
    for parts in later:
        yield from (part for level in (0, 1) for part in at(parts, level))
    yield from (part for parts in core + later for part in at(parts, 2))
    for parts in rest:
        yield from (part for level in (0, 1) for part in at(parts, level))
    deepest = max(map(len, by_name.values()), default=0)
    for level in range(2, deepest):
        some = rest if level == 2 else core + later + rest
        yield from (part for parts in some for part in at(parts, level))


def at(parts: list[list[Part]], level: int) -> list[Part]:
    return parts[level] if level < len(parts) else []


def choose(lessons: list[Lesson], length: int) -> list[Part]:
    """`length`분에 들어가는 것을 먼저 넣은 차례로 돌려줍니다.

    수업하지 않은 장의 연습과 함정은 고르지 않습니다.
    """
    chosen: list[Part] = []
    taught: set[str] = set()
    for part in in_order(lessons):
        ready = part.kind == "teaching" or part.lesson in taught
        if ready and total(items(lessons, [*chosen, part])) <= length:
            chosen.append(part)
            taught.add(part.lesson)
    return chosen


def items(lessons: list[Lesson], chosen: list[Part]) -> list[Item]:
    """고른 것을 수업할 차례로 늘어놓고, 사이에 쉬는 시간을 넣습니다."""
    planned = [Item("준비 확인", OPENING)]
    for lesson in lessons:
        title = lesson.title
        own = [part for part in chosen if part.lesson == lesson.name]
        teaching = sum(part.minutes for part in own if part.kind == "teaching")
        if teaching:
            planned.append(Item(f"{title}: 수업", teaching))
        if traps := [part for part in own if part.kind == "pitfall"]:
            planned.append(Item(f"{title}: 함정 {len(traps)}개", PITFALL * len(traps)))
        for part in own:
            if part.kind == "exercise":
                planned.append(Item(f"{title}: 연습 {part.name}", part.minutes))
    planned.append(Item("핵심 정리, 질문, 수업 뒤에 묻는 것", CLOSING))
    return with_breaks(planned)


def with_breaks(planned: list[Item]) -> list[Item]:
    """`STRETCH`분을 넘기 전에 쉬는 시간을 넣습니다."""
    result: list[Item] = []
    since = 0
    for item in planned:
        if since and since + item.minutes > STRETCH:
            result.append(Item("쉬는 시간", BREAK))
            since = 0
        result.append(item)
        since += item.minutes
    return result


def total(planned: list[Item]) -> int:
    return sum(item.minutes for item in planned)


def to_drop(chosen: list[Part]) -> list[tuple[Part, int]]:
    """늦었을 때 뺄 차례와, 거기까지 빼서 얻는 시간(분)입니다. 핵심인 장의 수업은 빼지 않습니다.

    연습은 집에서도 할 수 있으므로, 함께 넣은 함정보다 먼저 뺍니다.
    """
    droppable = [part for part in chosen if part.kind != "teaching" or part.lesson not in CORE]
    parts = droppable[::-1]
    for at in range(len(parts) - 1):
        pitfall, exercise = parts[at : at + 2]
        together = (pitfall.kind, exercise.kind) == ("pitfall", "exercise")
        if together and pitfall.lesson == exercise.lesson:
            parts[at : at + 2] = exercise, pitfall
    return list(zip(parts, accumulate(part.minutes for part in parts), strict=True))
