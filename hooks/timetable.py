"""강사를 위한 시간표: 페이지와 연습에 적은 시간으로 90분, 반나절, 하루의 차례를 계산합니다."""

import re
from functools import cache

from hooks import courses, exercises, pitfalls
from hooks.pages import Place, Source, lessons
from hooks.planning import PITFALL, Lesson, Part, choose, in_order, items, to_drop
from lab.demo import script

__all__ = ["PITFALL", "starts", "tables"]
LENGTHS = {"90분": 90, "반나절": 180, "하루": 360}
EXERCISES = re.compile(r"<!-- exercises: (\w+) -->")
AUDIENCES = {
    "async가 처음인 사람": ("01-basic", "02-multiple", "05-async", "04-celery"),
    "CRUD는 만들어 보았고 태스크가 처음인 사람": ("01-basic", "02-multiple", "03-dependencies"),
    "오래 걸리는 일을 옮기려는 사람": ("01-basic", "04-celery", "06-rq"),
    "Celery를 운영하는 사람": ("04-celery", "04-rabbitmq", "05-async", "07-kafka"),
}
"""수강생과, 그 사람이 시작할 장과 이어서 할 장입니다."""


def read_lesson(source: Source, place: Place) -> Lesson:
    """페이지의 시간과, 거기에 놓인 연습과 함정입니다."""
    lines = [line.strip() for _, line in source.lines()]
    traps = [found[1] for line in lines if (found := pitfalls.DIRECTIVE.fullmatch(line))]
    named = [found[1] for line in lines if (found := EXERCISES.fullmatch(line))]
    own = [(each.number, each.minutes) for each in exercises.every() if each.lesson in named]
    minutes = courses.minutes(source, "exercises", place)
    return Lesson(
        courses.name(source),
        source.title,
        courses.minutes(source, "teaching", place),
        tuple(own or [("1개", minutes)] if own or minutes else []),
        tuple(sorted(traps, key=lambda name: name not in shown())),
    )


@cache
def shown() -> set[str]:
    """`uv run lab demo`가 시연하는 함정입니다. 함정을 하나만 한다면 이것입니다."""
    return {each.pitfall for each in script.scripts()}


def clock(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02}"


def tables(_: str, place: Place) -> list[str]:
    """`<!-- timetable -->`"""
    sources = {courses.name(source): source for source in lessons(place.files)}
    every = [read_lesson(source, place) for source in sources.values()]

    def named(part: Part) -> str:
        """연습과 함정은 그 자리로 잇습니다."""
        source = sources[part.lesson]
        title, page = source.title, place.link(source.page)
        if part.kind == "teaching":
            return f"{title}: 수업"
        if part.kind == "exercise":
            to = f"exercise-{part.name}" if "-" in part.name else "exercises"
            return f"[{title}: 연습 {part.name}]({page}#{to})"
        trap = pitfalls.title(pitfalls.find(part.name, place))
        return f"[{trap}]({page}#{pitfalls.anchor(part.name)})"

    lines: list[str] = []
    for name, length in LENGTHS.items():
        chosen = choose(every, length)
        rows, now = [], 0
        for item in items(every, chosen):
            rows.append(f"| {clock(now)}–{clock(now + item.minutes)} | {item.name} |")
            now += item.minutes
        label = name if name == f"{length}분" else f"{name}({length}분)"
        lines += [
            f"### {label} {{ #timetable-{length} }}",
            *("", "| 시각 | 할 일 |", "| --- | --- |", *rows, ""),
            f"남는 시간은 {length - now}분입니다.",
            "",
        ]
        late = [f"{named(part)} (여기까지 {saved}분)" for part, saved in to_drop(chosen)]
        lines += folded("늦었을 때 뺄 차례", late)
        lines += folded("하는 함정", [named(part) for part in chosen if part.kind == "pitfall"])
        lines += folded("빼는 것", [named(part) for part in left_out(every, chosen)])
    return lines


def left_out(every: list[Lesson], chosen: list[Part]) -> list[Part]:
    """빼는 것입니다. 수업하지 않는 장은 통째로 하나입니다."""
    taught = {part.lesson for part in chosen}
    return [
        part
        for part in in_order(every)
        if part not in chosen and (part.kind == "teaching" or part.lesson in taught)
    ]


def folded(title: str, found: list[str]) -> list[str]:
    body = [f"1. {each}" if "뺄" in title else f"- {each}" for each in found] or ["- 없음"]
    return [f'??? note "{title} ({len(found)})"', "", *(f"    {line}" for line in body), ""]


def starts(_: str, place: Place) -> list[str]:
    """`<!-- starts -->`: 수강생마다 어디에서 시작해 무엇을 얼마나 하는지입니다."""
    sources = {courses.name(source): source for source in lessons(place.files)}
    lines = ["| 수강생 | 시작할 곳 | 이어서 | 수업 |", "| --- | --- | --- | --- |"]
    for who, names in AUDIENCES.items():
        known = [sources[name] for name in names if name in sources]
        links = [f"[{each.title}]({place.link(each.page)})" for each in known]
        minutes = sum(courses.minutes(each, "teaching", place) for each in known)
        first, rest = links[:1] or ["없음"], ", ".join(links[1:]) or "없음"
        lines.append(f"| {who} | {first[0]} | {rest} | {minutes}분 |")
    return lines
