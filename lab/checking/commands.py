"""연습의 명령입니다. 실습 도구의 나머지를 임포트하지 않아 빨리 시작합니다."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated

import typer

from lab import usage
from lab.checking.exercises import (
    ROOT,
    BrokenExerciseError,
    Exercise,
    UnknownExerciseError,
    exercises,
    find,
    find_one,
)
from lab.checking.progress import noted, read_progress
from lab.checking.reporting import check_lesson, check_shown, show
from lab.checking.session import check_and_record, next_exercise
from lab.checking.showing import (
    console,
    prepare_terminal,
    say,
    show_next,
    show_progress,
)
from lab.checking.starters import is_untouched, restore
from lab.checking.verdict import Trouble
from lab.help import App

COMMANDS = ("check", "watch", "hint", "reset", "progress", "solution", "next")
FAILURES = (BrokenExerciseError, Trouble, UnknownExerciseError)
"""한국어 한 줄로 알리고 끝내는 실패입니다."""
INTERRUPTED = 130

app = App()
Number = Annotated[str, typer.Argument(help="연습 번호. 예: 01-2")]
Some = Annotated[str | None, typer.Argument(help="장이나 연습. 예: 01, 01-2")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="묻지 않고 하기")]


@contextmanager
def stoppable() -> Iterator[None]:
    """Ctrl+C를 트레이스백 없이 끝냅니다."""
    try:
        yield
    except KeyboardInterrupt:
        say("\n멈추었습니다.")
        sys.exit(INTERRUPTED)


def agreed(question: str, yes: bool) -> bool:
    """그래도 할지 묻습니다. 물어볼 수 없으면(터미널이 아니면) 하지 않습니다."""
    if yes:
        return True
    try:
        return typer.confirm(question, default=False)
    except typer.Abort:
        say("\n답을 받지 못해 그만두었습니다. 묻지 않고 하려면 --yes를 붙이세요.")
        return False


@app.command()
def check(
    number: Some = None,
    as_json: Annotated[bool, typer.Option("--json", hidden=True)] = False,
) -> None:
    """연습의 답을 확인합니다. 번호를 비우면 아직 풀지 않은 첫 연습입니다."""
    with stoppable():
        if number is None:
            first = next_exercise()
            if first is None:
                show_next(None)
                return
            chosen = [first]
        else:
            chosen = find(number)
        if as_json:
            print(json.dumps(asdict(check_and_record(chosen[0])), ensure_ascii=False))
        elif len(chosen) == 1:
            result = check_shown(chosen[0])
            show(chosen[0], result)
            sys.exit(0 if result.passed else 1)
        else:
            sys.exit(0 if check_lesson(chosen) else 1)


@app.command()
def watch(number: Some = None) -> None:
    """연습의 파일을 저장할 때마다 확인합니다. Ctrl+C로 끝냅니다."""
    from lab.checking.watching import watch_exercises

    def check_saved(exercise: Exercise) -> None:
        say(f"\n저장됨: {exercise.path}", "dim")
        show(exercise, check_shown(exercise), chosen)

    with stoppable():
        chosen = find(number)
        show_next(next_exercise(chosen))
        say("파일을 저장하면 확인합니다. 끝내기: Ctrl+C")
        watch_exercises(chosen, check_saved)


@app.command()
def hint(number: Number) -> None:
    """힌트를 하나씩 더 보여 줍니다."""
    exercise = find_one(number)
    progress = read_progress(exercise.root)
    seen = progress.add(progress.hints, exercise.number, most=len(exercise.hints))
    note = noted(progress)
    for at, text in enumerate(exercise.hints[:seen], 1):
        plain = text.replace("`", "")  # 사이트에서 코드 글꼴로 보이게 하는 표시입니다.
        say(f"힌트 {at}/{len(exercise.hints)}  {plain}", "" if at == seen else "dim")
    if seen < len(exercise.hints):
        say(f"하나 더: uv run lab hint {exercise.number}")
    else:
        say(f"답의 보기: uv run lab solution {exercise.number}")
    if note:
        say(note)


@app.command()
def reset(
    number: Annotated[str, typer.Argument(help="연습 번호나 examples. 예: 01-2")],
    yes: Yes = False,
) -> None:
    """연습을 처음 파일로 되돌립니다. 고친 파일은 옆에 남겨 둡니다. examples이면 예제를 모두."""
    if number.rstrip("/") == "examples":
        reset_examples(yes)
        return
    exercise = find_one(number)
    if is_untouched(exercise):
        say(f"이미 처음 파일과 같습니다: {exercise.path}")
        return
    question = f"{exercise.path} 파일을 옆에 옮겨 두고 처음 파일로 되돌릴까요?"
    if exercise.file.exists() and not agreed(question, yes):
        say("그대로 두었습니다.")
        sys.exit(1)
    kept = restore(exercise)
    say(f"처음 파일로 되돌렸습니다: {exercise.path}")
    if kept is not None:
        say(f"고친 파일은 여기에 있습니다: {kept.relative_to(exercise.root).as_posix()}")


def reset_examples(yes: bool) -> None:
    """고친 예제를 모두 처음 파일로 되돌립니다."""
    from lab import rescue
    from lab.originals import NoOriginalsError

    try:
        changes = rescue.changed_examples(ROOT)
        if not changes:
            say("예제는 모두 처음 파일과 같습니다.")
            return
        for change in changes:
            say(f"고친 파일: {change.path}")
        if not agreed("옆에 옮겨 두고 처음 파일로 되돌릴까요?", yes):
            say("그대로 두었습니다.")
            sys.exit(1)
        kept = rescue.restore(changes, ROOT)
    except (NoOriginalsError, rescue.RescueError) as error:
        raise Trouble(str(error)) from None
    say("처음 파일로 되돌렸습니다. 실습 도구가 켜져 있으면 껐다 켜세요.")
    if (ROOT / kept).exists():
        say(f"고친 파일은 여기에 있습니다: {kept}/")


@app.command()
def progress() -> None:
    """어디까지 풀었는지 보여 줍니다."""
    every = exercises()
    show_progress(every, read_progress(ROOT))
    say("")
    show_next(next_exercise(every))


@app.command()
def solution(number: Number, yes: Yes = False) -> None:
    """답의 보기를 보여 줍니다. 아직 풀지 않았으면 먼저 묻습니다."""
    exercise = find_one(number)
    solved = exercise.number in read_progress(exercise.root).solved
    question = f"{exercise.number} 연습을 아직 풀지 않았습니다. 답의 보기를 볼까요?"
    if not solved and not agreed(question, yes):
        say(f"힌트부터 보세요: uv run lab hint {exercise.number}")
        sys.exit(1)
    from rich.syntax import Syntax

    source = exercise.solution.read_text(encoding="utf-8")
    say(exercise.solution.relative_to(exercise.root).as_posix(), "dim")
    if console.is_terminal:
        console.print(Syntax(source, "python", theme="ansi_dark", background_color="default"))
    else:
        say(source)


@app.command("next")
def next_command() -> None:
    """다음에 풀 연습을 알려 줍니다."""
    show_next(next_exercise())


def main() -> None:
    """명령을 실행하고, 예상할 수 있는 실패는 한국어 한 줄로 알립니다."""
    prepare_terminal()
    try:
        usage.run(app, sys.argv[1:])
    except (*FAILURES, usage.WrongUsageError) as error:
        say(str(error), "red")
        sys.exit(1)
