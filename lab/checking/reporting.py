"""연습을 확인하고, 판정과 다음에 할 것 하나를 보여 줍니다."""

from lab.checking.exercises import Exercise
from lab.checking.session import check_and_record, next_exercise
from lab.checking.showing import say, show_next, show_reason, show_verdict, waiting
from lab.checking.starters import is_untouched
from lab.checking.verdict import Result


def check_shown(exercise: Exercise) -> Result:
    """확인하는 동안 그렇다고 보여 줍니다."""
    with waiting("확인하는 중…"):
        return check_and_record(exercise)


def show(exercise: Exercise, result: Result, whole: list[Exercise] | None = None) -> None:
    """판정과, 다음에 할 것 하나를 보여 줍니다."""
    show_verdict(exercise, result)
    show_reason(result)
    if result.passed:
        show_next(next_exercise(whole, after=exercise))
    elif result.state == "short":
        say(f"고치고 다시 확인하세요. 막히면: uv run lab hint {exercise.number}", "bold")


def check_lesson(chosen: list[Exercise]) -> bool:
    """차례로 확인하고, 고칠 것은 첫째만 자세히 보여 줍니다. 모두 통과했으면 참입니다."""
    first: tuple[Exercise, Result] | None = None
    untouched = []
    for exercise in chosen:
        if is_untouched(exercise):
            untouched.append(exercise)
            say(f"시작 전  {exercise.number} {exercise.title}", "dim")
            continue
        result = check_shown(exercise)
        show_verdict(exercise, result)
        if not result.passed and first is None:
            first = (exercise, result)
    if first is not None:
        say("")
        show(*first)
    else:
        show_next(untouched[0] if untouched else next_exercise())
    return first is None and not untouched
