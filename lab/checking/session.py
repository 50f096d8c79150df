"""연습을 확인하고, 진도를 적고, 다음에 할 것을 고릅니다."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from lab.checking.exercises import Exercise, exercises
from lab.checking.grading import grade
from lab.checking.progress import noted, read_progress
from lab.checking.seal import is_edited
from lab.checking.verdict import Result

EDITED = (
    "채점기(graders/{place}/grader.py)가 저장소에 있던 것과 다릅니다. "
    "진도에 적지 않았습니다. 되돌리세요: git checkout graders"
)


def check_and_record(exercise: Exercise) -> Result:
    """연습을 채점하고 진도에 적습니다. 바뀐 채점기의 판정은 적지 않습니다."""
    result = grade(exercise)
    if is_edited(exercise):
        note = EDITED.format(place=f"{exercise.lesson}/{exercise.slug}")
        return replace(result, note=note)
    if result.state == "trouble":
        return result
    progress = read_progress(exercise.root)
    progress.add(progress.tries, exercise.number)
    if result.passed:
        progress.solved.setdefault(exercise.number, date.today().isoformat())
    return replace(result, note=noted(progress))


def next_exercise(
    every: Iterable[Exercise] | None = None, after: Exercise | None = None
) -> Exercise | None:
    """아직 풀지 않은 첫 연습입니다. 다 풀었으면 None입니다.

    `after`의 장에 남은 것이 먼저이고, `lab rescue`로 옮겨 간 장부터가 그다음입니다.
    """
    chosen = list(exercises() if every is None else every)
    if not chosen:
        return None
    progress = read_progress(chosen[0].root)
    left = [each for each in chosen if each.number not in progress.solved]
    later = [each for each in left if each.number >= progress.start]
    here = [each for each in left if after is not None and each.lesson == after.lesson]
    return next(iter([*here, *later, *left]), None)
