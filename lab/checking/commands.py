"""연습의 명령입니다: check"""

import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from lab.checking.exercises import find
from lab.checking.grading import grade

app = typer.Typer(add_completion=False)
console = Console(highlight=False, soft_wrap=True)


@app.command()
def check(
    number: Annotated[str | None, typer.Argument(help="장이나 연습. 예: 01, 01-2")] = None,
) -> None:
    """연습의 답을 확인합니다."""
    passed = True
    for exercise in find(number):
        result = grade(exercise)
        passed = passed and result.passed
        mark = {"passed": "통과", "short": "아직", "trouble": "멈춤"}[result.state]
        console.print(Text(f"{mark}  {exercise.number} {exercise.title} ({result.seconds:.1f}초)"))
        for line in (result.seen, result.why, result.look, result.log):
            if line:
                console.print(Text(f"      {line}"))
    sys.exit(0 if passed else 1)
