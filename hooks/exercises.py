"""연습의 지시문: 연습마다 목표, 시간, 명령, 접은 힌트. 모두 graders/에서 읽습니다."""

from functools import cache

from hooks.pages import Place
from hooks.pitfalls import with_code
from lab.checking.exercises import Exercise, exercises

ABOUT = {
    "쓰기": "모자란 코드를 씁니다.",
    "고치기": "함정에 빠진 코드를 고칩니다.",
    "예측": "실행하기 전에 적고, 실제로 일어난 일과 견줍니다.",
    "재기": "직접 재고, 잰 것을 적습니다.",
    "버티기": "도중에 고장이 납니다. 아무것도 잃지 않게 합니다.",
}


@cache
def every() -> list[Exercise]:
    """모든 연습입니다. 빌드하는 동안 바뀌지 않습니다."""
    return exercises()


def listing(lesson: str, place: Place) -> list[str]:
    """`<!-- exercises: 01_basic -->`"""
    found = [exercise for exercise in every() if exercise.lesson == lesson]
    if not found:
        lessons = ", ".join(sorted({exercise.lesson for exercise in every()}))
        raise place.error(f"{lesson!r}의 연습이 없습니다. 있는 것: {lessons}")
    lines = [
        "파일을 고치고 확인하세요. 실제 프로세스를 실행해 본 다음, 무엇을 보았고 왜 모자라는지 "
        "알려 줍니다. 처음으로 되돌리려면 `uv run lab reset`에 번호를 붙이세요.",
        "",
    ]
    for exercise in found:
        lines += one(exercise)
    return lines


def one(exercise: Exercise) -> list[str]:
    """연습 하나입니다."""
    number = exercise.number
    lines = [
        f"### {number} {with_code(exercise.title)} {{ #exercise-{number} }}",
        "",
        f"**{exercise.kind}, {exercise.minutes}분.** {ABOUT[exercise.kind]}",
        "",
        f"**목표.** {with_code(exercise.goal)}",
        "",
        *("```console", f"$ uv run lab check {number}", "```", ""),
        f'<div class="lab-check" data-exercise="{number}"></div>',
        "",
        *fold("example", "고칠 파일", source(exercise)),
    ]
    for at, hint in enumerate(exercise.hints, 1):
        lines += fold("tip", f"힌트 {at}", [hint if "`" in hint else with_code(hint)])
    return lines


def source(exercise: Exercise) -> list[str]:
    """배우는 사람이 고치기 전의 파일입니다."""
    code = exercise.starter.read_text(encoding="utf-8").splitlines()
    return [f'```python title="{exercise.path}"', *code, "```"]


def fold(kind: str, title: str, content: list[str]) -> list[str]:
    """접은 상자입니다."""
    body = (f"    {line}" if line else "" for line in content)
    return [f'??? {kind} "{title}"', "", *body, ""]
