"""연습을 만드는 사람을 위해, 채점기가 답을 제대로 가려내는지 봅니다.

`uv run python -m lab.checking.trial 01-1`로 실행합니다.
처음 파일, 답의 보기, 다르게 쓴 맞는 답, 틀린 답을 모두 채점합니다.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lab.checking.exercises import Exercise, find
from lab.checking.grading import grade
from lab.checking.verdict import Result


@dataclass(frozen=True)
class Trial:
    """파일 하나를 채점한 것과, 채점기가 말했어야 하는 것입니다."""

    file: Path
    result: Result
    wanted: str | None
    """말에 들어 있어야 할 글입니다. None이면 통과해야 합니다."""

    @property
    def right(self) -> bool:
        """채점기가 제대로 가려냈으면 참입니다."""
        if self.wanted is None:
            return self.result.passed
        return self.result.state == "short" and self.wanted in said(self.result)


def said(result: Result) -> str:
    """채점기가 한 말을 모두 이은 것입니다."""
    return f"{result.seen} {result.why} {result.look}"


def wanted(exercise: Exercise, file: Path) -> str:
    """틀린 답 `file`에 채점기가 해야 할 말의 일부입니다."""
    return exercise.wrong.get(file.stem, "(exercise.toml의 [wrong]에 없음)")


def trials(exercise: Exercise) -> Iterator[Trial]:
    """처음 파일, 답의 보기, 다르게 쓴 맞는 답, 틀린 답을 차례로 채점합니다."""
    yield Trial(exercise.file, grade(exercise), "")
    for file in (exercise.solution, *exercise.right_answers):
        yield Trial(file, grade(exercise, file), None)
    for file in exercise.wrong_answers:
        yield Trial(file, grade(exercise, file), wanted(exercise, file))


def main(arguments: list[str]) -> int:
    """채점한 것을 보여 주고, 하나라도 잘못 가려냈으면 1을 돌려줍니다."""
    code = 0
    for exercise in find(arguments[0] if arguments else None):
        for trial in trials(exercise):
            code = code if trial.right else 1
            mark = "맞음" if trial.right else "틀림"
            result = trial.result
            place = trial.file.relative_to(exercise.root)
            print(f"{mark}  {result.state:8} {result.seconds:4.1f}초  {place}")
            for line in filter(None, (result.seen, result.why, result.look, result.log)):
                print(f"      {line}")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
