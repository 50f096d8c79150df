"""시간표: 페이지와 연습에 적은 시간이 합과 맞고, 늦으면 무엇을 뺄지 압니다."""

import itertools
import re
from pathlib import Path

import pytest
from mkdocs.structure.files import File, Files

from hooks import planning, timetable
from hooks.directives import expand
from hooks.pages import Place, lessons
from hooks.planning import BREAK, CLOSING, OPENING, PITFALL, STRETCH, Lesson, Part, choose, items
from lab.demo.speaking import seconds_of
from lab.site import ROOT

FIRST = Lesson("01-basic", "하나", 20, (("01-1", 5), ("01-2", 10)), ("a", "b"))
LESSONS = [
    FIRST,
    Lesson("02-multiple", "둘", 20, (("02-1", 5),), ("c",)),
    Lesson("03-dependencies", "셋", 20, (("03-1", 10),), ("d",)),
    Lesson("04-celery", "넷", 20, (("04-1", 10),), ("e",)),
    Lesson("04-rabbitmq", "다섯", 20, (("1개", 10),), ()),
]
LENGTHS = sorted(timetable.LENGTHS.values())


def read_pages() -> Files:
    made = []
    for path in sorted(Path(ROOT, "docs").rglob("*.md")):
        name = path.relative_to(ROOT / "docs").as_posix()
        file = File(name, None, "/site", use_directory_urls=True)
        file.content_string = path.read_text(encoding="utf-8")
        made.append(file)
    return Files(made)


PAGES = read_pages()
PLACE = Place("instructors.md", 1, PAGES)
REAL = [timetable.read_lesson(source, PLACE) for source in lessons(PAGES)]
TEXT = expand("<!-- timetable -->", "instructors.md", PAGES)
MINUTES = re.compile(r"\| (\d+):(\d\d)–(\d+):(\d\d) \| (.+) \|")
NOT_READ = re.compile(r"```.*?```|<!--.*?-->|<[^>]*>|\]\([^)]*\)|\{[^}]*\}", re.DOTALL)
"""코드, 지시문, 태그, 링크의 주소, 제목의 id입니다."""
DROPPED = re.compile(r"\(여기까지 (\d+)분\)")


def rows_of(length: int) -> list[tuple[int, int, str]]:
    """시간표에 적힌 (시작, 끝, 할 일)입니다. 시각은 분입니다."""
    table = TEXT.partition(f"#timetable-{length} }}")[2].partition("남는 시간")[0]
    return [
        (60 * int(m[1]) + int(m[2]), 60 * int(m[3]) + int(m[4]), m[5])
        for m in MINUTES.finditer(table)
    ]


@pytest.mark.parametrize("length", LENGTHS)
def test_the_rows_of_a_timetable_follow_each_other_and_fit_the_class(length: int) -> None:
    rows = rows_of(length)

    assert rows[0][0] == 0
    for before, after in itertools.pairwise(rows):
        assert before[1] == after[0]
    left = re.search(r"남는 시간은 (\d+)분", TEXT.partition(f"#timetable-{length} }}")[2])
    assert left is not None
    assert rows[-1][1] + int(left[1]) == length


@pytest.mark.parametrize("length", LENGTHS)
def test_the_minutes_of_a_timetable_are_those_of_the_pages_and_exercises(length: int) -> None:
    chosen = choose(REAL, length)
    rows = rows_of(length)
    breaks = sum(name == "쉬는 시간" for _, _, name in rows)

    assert sum(end - start for start, end, _ in rows) == (
        OPENING + CLOSING + BREAK * breaks + sum(part.minutes for part in chosen)
    )
    for lesson in REAL:
        told = [end - start for start, end, n in rows if n.endswith(f"{lesson.title}: 수업")]
        assert told in ([], [lesson.teaching])
        for number, minutes in lesson.exercises:
            wanted = f"{lesson.name[:2]} {lesson.title}: 연습 {number}"
            assert {end - start for start, end, n in rows if n == wanted} <= {minutes}


@pytest.mark.parametrize("lesson", REAL, ids=lambda lesson: lesson.name)
def test_the_taught_part_of_a_page_is_read_aloud_within_the_minutes_of_teaching(
    lesson: Lesson,
) -> None:
    """함정의 앞까지입니다. 코드와 출력은 소리 내어 읽지 않습니다."""
    page = (ROOT / "docs/lessons" / f"{lesson.name}.md").read_text(encoding="utf-8")
    taught = page.split("---", 2)[2].partition("\n## 함정")[0]
    prose = NOT_READ.sub("", taught)

    assert len(prose) > 300
    assert seconds_of(prose) <= 60 * lesson.teaching


def test_the_key_points_of_a_whole_day_are_read_aloud_within_the_closing() -> None:
    """정리하는 시간의 끝 5분에는 수업 뒤에 묻는 것에 답합니다."""
    pages = [file.read_text(encoding="utf-8") for file in ROOT.glob("slides/0*.md")]
    points = " ".join(page.partition("## 핵심 정리")[2] for page in pages)

    assert len(pages) == 7
    assert seconds_of(points) <= 60 * (CLOSING - 5)


@pytest.mark.parametrize("length", LENGTHS)
def test_every_class_has_the_core_lessons_and_something_to_do_with_ones_own_hands(
    length: int,
) -> None:
    chosen = choose(REAL, length)
    taught = {part.lesson for part in chosen if part.kind == "teaching"}

    assert set(planning.CORE) <= taught
    assert [part for part in chosen if part.kind == "exercise"]
    assert {part.lesson for part in chosen} == taught


@pytest.mark.parametrize("length", [60, *LENGTHS])
def test_no_stretch_is_longer_than_an_hour_and_no_break_follows_a_break(length: int) -> None:
    for lessons_of in (LESSONS, REAL):
        planned = items(lessons_of, choose(lessons_of, length))
        assert planning.total(planned) <= length
        since = 0
        for before, after in itertools.pairwise(planned):
            assert (before.name, after.name) != ("쉬는 시간", "쉬는 시간")
        for item in planned:
            since = 0 if item.name == "쉬는 시간" else since + item.minutes
            assert since <= max(STRETCH, item.minutes)


@pytest.mark.parametrize("length", LENGTHS)
def test_what_is_dropped_when_late_adds_up_and_never_touches_a_core_lesson(length: int) -> None:
    chosen = choose(REAL, length)
    dropped = planning.to_drop(chosen)
    section = TEXT.partition(f"#timetable-{length} }}")[2].partition("하는 함정")[0]

    assert dropped[-1][1] == sum(part.minutes for part, _ in dropped)
    assert [saved for _, saved in dropped] == [int(found) for found in DROPPED.findall(section)]
    assert not [p for p, _ in dropped if p.kind == "teaching" and p.lesson in planning.CORE]
    for count in range(len(dropped)):
        left = [part for part in chosen if part not in [p for p, _ in dropped[: count + 1]]]
        taught = {part.lesson for part in left if part.kind == "teaching"}
        assert {part.lesson for part in left} <= taught


@pytest.mark.parametrize("length", LENGTHS)
def test_an_exercise_is_dropped_before_the_pitfall_that_came_with_it(length: int) -> None:
    dropped = [(part.lesson, part.kind) for part, _ in planning.to_drop(choose(REAL, length))]

    for lesson in {lesson for lesson, _ in dropped}:
        kinds = [kind for name, kind in dropped if name == lesson and kind != "teaching"]
        if {"exercise", "pitfall"} <= set(kinds):
            assert kinds[0] == "exercise"
            assert kinds[-1] == "pitfall"


def test_what_is_taught_and_what_is_dropped_together_are_everything() -> None:
    for length in LENGTHS:
        chosen = choose(REAL, length)
        every = list(planning.in_order(REAL))
        assert len(every) == len(set(every))
        assert set(chosen) <= set(every)
        left_out = timetable.left_out(REAL, chosen)
        untaught = {lesson.name for lesson in REAL} - {part.lesson for part in chosen}
        assert f'"빼는 것 ({len(left_out)})"' in TEXT
        told = {part for part in every if part.lesson not in untaught}
        assert told == {part for part in (*chosen, *left_out) if part.lesson not in untaught}
        assert untaught == {part.lesson for part in left_out} - {part.lesson for part in chosen}


def test_the_first_pitfall_of_a_class_is_the_one_with_a_demo() -> None:
    for lesson in REAL:
        if shown := timetable.shown() & set(lesson.pitfalls):
            assert {lesson.pitfalls[0]} == shown


def test_a_short_class_teaches_the_core_first_and_a_long_one_everything() -> None:
    taught = [part.lesson for part in choose(LESSONS, 90) if part.kind == "teaching"]

    assert taught == ["01-basic", "02-multiple", "04-celery"]
    assert set(choose(LESSONS, 360)) == set(planning.in_order(LESSONS))


@pytest.mark.parametrize("length", range(30, 200, 5))
def test_a_lesson_that_is_not_taught_is_never_practised(length: int) -> None:
    for every in (LESSONS, REAL):
        chosen = choose(every, length)
        taught = {part.lesson for part in chosen if part.kind == "teaching"}
        assert {part.lesson for part in chosen} == taught


def test_an_exercise_and_a_pitfall_are_added_to_each_lesson_in_turn() -> None:
    first = list(planning.in_order([FIRST]))

    assert [part.name or part.kind for part in first] == ["teaching", "01-1", "a", "01-2", "b"]
    assert first[1] == Part("01-basic", "exercise", "01-1", 5)
    assert first[2].minutes == PITFALL


def test_each_audience_is_told_where_to_start_and_how_long_it_takes() -> None:
    text = expand("<!-- starts -->", "instructors.md", PAGES)
    known = {lesson.name: lesson for lesson in REAL}

    for who, names in timetable.AUDIENCES.items():
        (row,) = [line for line in text.splitlines() if line.startswith(f"| {who} |")]
        assert set(names) <= set(known)
        assert f"(lessons/{names[0]}.md)" in row.split("|")[2]
        assert row.endswith(f"| {sum(known[name].teaching for name in names)}분 |")
