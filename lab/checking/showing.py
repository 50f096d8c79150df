"""연습의 판정과 진도를 터미널에 보여 줍니다. 색 없이도 뜻이 통하게 씁니다."""

import io
import sys
from collections.abc import Iterable

from rich.console import Console
from rich.table import Table
from rich.text import Text

from lab.checking.exercises import Exercise
from lab.checking.progress import Progress
from lab.checking.verdict import Result

MARKS = {"passed": ("통과", "green"), "short": ("아직", "yellow"), "trouble": ("멈춤", "red")}
DONE, LEFT = "■", "□"
console = Console(highlight=False, soft_wrap=True)


def prepare_terminal() -> None:
    """터미널이 보여 줄 수 없는 글자(cp949에 없는 글자)는 물음표가 되게 합니다."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def say(text: str, style: str = "") -> None:
    """한 줄을 출력합니다."""
    console.print(Text(text, style=style))


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
    table = Table(box=None, pad_edge=False)
    for name in ("장", "연습", "푼 것", "남은 시간", "본 힌트"):
        table.add_column(name, no_wrap=True)
    for lesson, exercises in lessons.items():
        done = [exercise.number in progress.solved for exercise in exercises]
        left = sum(e.minutes for e, is_done in zip(exercises, done, strict=True) if not is_done)
        boxes = Text()
        for is_done in done:
            boxes.append(DONE if is_done else LEFT, "green" if is_done else "dim")
        hints = sum(progress.hints.get(exercise.number, 0) for exercise in exercises)
        table.add_row(
            lesson, boxes, f"{sum(done)}/{len(done)}", f"{left}분" if left else "", str(hints or "")
        )
    console.print(table)
