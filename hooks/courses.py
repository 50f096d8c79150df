"""과정의 표: 장마다 답하는 질문, 실행 명령, 걸리는 시간. 수업 페이지에서 읽습니다."""

import re

from hooks.pages import Place, Source, lessons

QUESTION = re.compile(r"^!!! question .*\n((?:[ \t]*\n|    .*\n?)+)", re.MULTILINE)

OPTION = r'<span class="option">\g<0></span>'


def number(lesson: Source) -> str:
    """수업의 번호입니다. 예: lessons/02-multiple.md → "02" """
    return lesson.page.removeprefix("lessons/").partition("-")[0]


def name(lesson: Source) -> str:
    """수업의 이름입니다. 예: lessons/02-multiple.md → "02-multiple" """
    return lesson.page.removeprefix("lessons/").removesuffix(".md")


def minutes(lesson: Source, kind: str, place: Place) -> int:
    """머리말에 적은 시간(분)입니다. `kind`는 teaching이나 exercises입니다."""
    value = lesson.meta.get(kind)
    if not isinstance(value, int) or value < 0:
        raise place.error(f"docs/{lesson.page}의 머리말에 {kind}(분)를 정수로 적으세요")
    return value


def question(lesson: Source, place: Place) -> str:
    """수업이 답하는 첫째 질문입니다."""
    found = QUESTION.search(lesson.text)
    if not found:
        raise place.error(f"docs/{lesson.page}에 !!! question 상자가 없습니다")
    lines = [line.strip() for line in found[1].splitlines() if line.strip()]
    return lines[0].removeprefix("- ")


def table(_: str, place: Place) -> list[str]:
    """`<!-- course-table -->`"""
    lines = ["| 장 | 답하는 질문 | 실행 | 수업 + 실습 |", "| --- | --- | --- | --- |"]
    for lesson in lessons(place.files):
        spent = [f"{minutes(lesson, kind, place)}분" for kind in ("teaching", "exercises")]
        time = "&nbsp;+&nbsp;".join(spent)
        link = f"[{lesson.title}]({place.link(lesson.page)})"
        command = lesson.meta.get("run", f"uv run lab {number(lesson)}")
        lines.append(f"| {link} | {question(lesson, place)} | {code(command)} | {time} |")
    return lines


def code(command: str) -> str:
    """명령입니다. 좁은 칸에서도 `--`와 옵션의 이름 사이에서 줄이 바뀌지 않습니다."""
    return f"<code>{re.sub(r'--[a-z]+', OPTION, command)}</code>"
