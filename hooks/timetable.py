"""강사를 위한 시간표: 수업 쪽의 머리말에 적은 시간으로 90분, 반나절, 하루의 차례를 계산합니다."""

from collections.abc import Iterable
from dataclasses import dataclass

from hooks import courses, pitfalls
from hooks.pages import Place, Source, lessons

LENGTHS = {"90분": 90, "반나절": 180, "하루": 360}
OPENING = 10
"""설치를 확인하고 첫 명령을 함께 실행하는 시간(분)입니다."""
CLOSING = 5
BREAK = 10
STRETCH = 60
"""쉬지 않고 이어 가는 최대 시간(분)입니다."""
PITFALL = 5
"""함정 하나를 실행해 보이고 고치는 시간(분)입니다."""
ESSENTIAL = ("01-basic", "02-multiple", "04-celery", "05-async", "03-dependencies")
"""시간이 모자라면 뒤에서부터 뺍니다. 여기에 없는 수업은 더 먼저 뺍니다."""
KINDS = {"teaching": "수업", "exercises": "실습"}


@dataclass(frozen=True)
class Lesson:
    """수업 하나에 드는 시간(분)과, 그 쪽에 있는 함정입니다."""

    name: str
    """예: "02-multiple" """
    title: str
    teaching: int
    exercises: int
    pitfalls: tuple[str, ...]


@dataclass(frozen=True)
class Item:
    """시간표의 한 줄입니다."""

    name: str
    minutes: int


def read_lesson(source: Source, place: Place) -> Lesson:
    found = [pitfalls.DIRECTIVE.fullmatch(line.strip()) for _, line in source.lines()]
    return Lesson(
        courses.name(source),
        source.title,
        courses.minutes(source, "teaching", place),
        courses.minutes(source, "exercises", place),
        tuple(each[1] for each in found if each),
    )


def parts(all_lessons: list[Lesson]) -> Iterable[tuple[str, str]]:
    """(수업 이름, 할 일)을 먼저 넣을 차례로 늘어놓습니다. 설명, 실습, 함정의 차례입니다."""
    by_name = {each.name: each for each in all_lessons}
    known = [name for name in ESSENTIAL if name in by_name]
    order = known + [name for name in by_name if name not in known]
    for kind in KINDS:
        yield from ((name, kind) for name in order)
    for at in range(max((len(each.pitfalls) for each in all_lessons), default=0)):
        for name in order:
            if at < len(by_name[name].pitfalls):
                yield name, by_name[name].pitfalls[at]


def items(all_lessons: list[Lesson], chosen: set[tuple[str, str]]) -> list[Item]:
    """고른 것을 수업할 차례로 늘어놓고, 사이에 쉬는 시간을 넣습니다."""
    planned = [Item("준비 확인", OPENING)]
    for lesson in all_lessons:
        traps = sum((lesson.name, trap) in chosen for trap in lesson.pitfalls)
        title = f"{lesson.name[:2]} {lesson.title}"
        sizes = {"teaching": lesson.teaching, "exercises": lesson.exercises}
        if (lesson.name, "teaching") in chosen:
            planned.append(Item(f"{title}: 수업", sizes["teaching"]))
        if traps:
            planned.append(Item(f"{title}: 함정 {traps}개", traps * PITFALL))
        if (lesson.name, "exercises") in chosen:
            planned.append(Item(f"{title}: 실습", sizes["exercises"]))
    planned.append(Item("핵심 정리와 질문", CLOSING))

    result: list[Item] = []
    since = 0
    for item in planned:
        if since and since + item.minutes > STRETCH:
            result.append(Item("쉬는 시간", BREAK))
            since = 0
        result.append(item)
        since += item.minutes
    return result


def choose(all_lessons: list[Lesson], length: int) -> set[tuple[str, str]]:
    """`length`분에 들어가는 것을 고릅니다. 설명하지 않은 수업의 실습과 함정은 고르지 않습니다."""
    chosen: set[tuple[str, str]] = set()
    for name, what in parts(all_lessons):
        tried = chosen | {(name, what)}
        taught = what == "teaching" or (name, "teaching") in chosen
        if taught and sum(item.minutes for item in items(all_lessons, tried)) <= length:
            chosen = tried
    return chosen


def clock(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02}"


def tables(_: str, place: Place) -> list[str]:
    """`<!-- timetable -->`"""
    sources = {courses.name(source): source for source in lessons(place.files)}
    all_lessons = [read_lesson(source, place) for source in sources.values()]

    def names(wanted: Iterable[tuple[str, str]]) -> str:
        """함정은 그 자리로 잇고, 나머지는 이름만 적습니다."""
        words = []
        for lesson, what in wanted:
            if what in KINDS:
                words.append(f"{lesson[:2]} {sources[lesson].title}: {KINDS[what]}")
            else:
                target = f"{place.link(sources[lesson].page)}#{pitfalls.anchor(what)}"
                title = pitfalls.title(pitfalls.find(what, place))
                words.append(f"[{title}]({target})")
        return "\n".join(f"- {word}" for word in words) or "- 없음"

    lines: list[str] = []
    for name, length in LENGTHS.items():
        chosen = choose(all_lessons, length)
        everything = list(parts(all_lessons))
        rows, now = [], 0
        for item in items(all_lessons, chosen):
            rows.append(f"| {clock(now)}–{clock(now + item.minutes)} | {item.name} |")
            now += item.minutes
        label = name if name == f"{length}분" else f"{name}({length}분)"
        lines += [
            f"### {label} {{ #timetable-{length} }}",
            *("", "| 시각 | 할 일 |", "| --- | --- |", *rows, ""),
            f"남는 시간은 {length - now}분입니다.",
            "",
        ]
        for title, wanted in (
            ("하는 함정", [each for each in everything if each in chosen and each[1] not in KINDS]),
            ("빼는 것", [each for each in everything if each not in chosen]),
        ):
            body = names(wanted).splitlines()
            lines += [f'??? note "{title} ({len(wanted)})"', ""]
            lines += [*(f"    {line}" for line in body), ""]
    return lines
