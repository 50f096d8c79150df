"""연습의 판정과 진도를 터미널에 보여 줍니다. 색 없이도 뜻이 통하게 씁니다."""

import io
import os
import sys
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext

from rich.console import Console
from rich.table import Table
from rich.text import Text

from lab.checking.exercises import Exercise
from lab.checking.progress import Progress
from lab.checking.verdict import Result

MARKS = {"passed": ("통과", "green"), "short": ("아직", "yellow"), "trouble": ("멈춤", "red")}
DONE, LEFT = "■", "□"
NARROW = 40
"""이보다 좁은 터미널에서는 진도를 표로 그리지 않습니다."""
# Rich는 NO_COLOR가 있어도 굵기는 바꾸므로, 아무것도 꾸미지 않게 합니다.
PLAIN = bool(os.environ.get("NO_COLOR"))
console = Console(highlight=False, soft_wrap=True, color_system=None if PLAIN else "auto")


def prepare_terminal() -> None:
    """터미널이 보여 줄 수 없는 글자(cp949에 없는 글자)는 물음표가 되게 합니다."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def say(text: str, style: str = "") -> None:
    """한 줄을 출력합니다."""
    console.print(Text(text, style=style))


def waiting(text: str) -> AbstractContextManager[object]:
    """끝날 때까지 터미널에 `text`를 보여 줍니다. 파이프에는 아무것도 적지 않습니다."""
    if not (console.is_interactive and sys.stdout.isatty()):
        return nullcontext()
    return console.status(text, spinner="line")  # 한글 Windows의 콘솔에도 있는 글자입니다.


def show_verdict(exercise: Exercise, result: Result) -> None:
    """판정을 한 줄로 보여 줍니다."""
    mark, colour = MARKS[result.state]
    name = f"{exercise.number} {exercise.title}"
    console.print(Text.assemble((mark, f"bold {colour}"), f"  {name} ({result.seconds:.1f}초)"))


def show_reason(result: Result) -> None:
    """왜 통과하지 못했는지 보여 줍니다."""
    lines = (
        ("본 것", result.seen),
        ("까닭 ", result.why),
        ("볼 곳", result.look),
        ("오류 ", result.log),
        ("참고", result.note),
    )
    for name, text in lines:
        if text:
            console.print(Text.assemble(f"  {name}  ", text))


def show_next(exercise: Exercise | None) -> None:
    """다음에 할 연습 하나를 알려 줍니다."""
    if exercise is None:
        say("연습을 모두 풀었습니다.", "bold green")
        return
    about = f"{exercise.number} {exercise.title} ({exercise.kind}, {exercise.minutes}분)"
    say(f"다음: {about}", "bold")
    say(f"  목표  {exercise.goal}")
    say(f"  파일  {exercise.path}")
    say(f"  확인  uv run lab check {exercise.number}")


def show_progress(every: Iterable[Exercise], progress: Progress) -> None:
    """장마다 푼 연습을 채운 네모로 보여 줍니다."""
    lessons: dict[str, list[Exercise]] = {}
    for exercise in every:
        lessons.setdefault(exercise.lesson, []).append(exercise)
    rows = [row(lesson, each, progress) for lesson, each in lessons.items()]
    if console.width <= NARROW:
        for lesson, boxes, solved, *_ in rows:
            console.print(Text.assemble(lesson, "\n  ", boxes, f"  {solved}"))
        return
    table = Table(box=None, pad_edge=False)
    for name in ("장", "연습", "푼 것", "남은 시간", "본 힌트"):
        table.add_column(name, no_wrap=True)
    for each in rows:
        table.add_row(*each)
    console.print(table)


def row(
    lesson: str, exercises: list[Exercise], progress: Progress
) -> tuple[str, Text, str, str, str]:
    """진도의 한 줄입니다."""
    done = [exercise.number in progress.solved for exercise in exercises]
    left = sum(e.minutes for e, is_done in zip(exercises, done, strict=True) if not is_done)
    hints = sum(progress.hints.get(exercise.number, 0) for exercise in exercises)
    boxes = Text()
    for is_done in done:
        boxes.append(DONE if is_done else LEFT, "green" if is_done else "dim")
    minutes = f"{left}분" if left else ""
    return lesson, boxes, f"{sum(done)}/{len(done)}", minutes, str(hints or "")
