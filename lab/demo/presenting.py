"""시연을 터미널에 보여 줍니다: 말할 문장, 명령, Enter, 일어난 일."""

import os
import sys
from contextlib import contextmanager, suppress
from collections.abc import Iterator

import httpx
from rich.console import Console
from rich.text import Text

from lab.borrowing import answers
from lab.demo.performing import Stage
from lab.demo.script import DemoError, Script, Step
from lab.playing import PlayError
from lab.processes import Child, StartError, stop_all, wait_until_ready
from lab.services import free_port
from lab.site import ROOT

START_SECONDS = 60
STOP_SECONDS = 15
WIDEST = 120
ADVICE = "고치느라 시간을 쓰지 말고, 이 쪽에서 기록한 실행을 보이세요"


@contextmanager
def stage_of(script: Script, port: int) -> Iterator[Stage]:
    """시연할 실습 도구를 시작하고, 나가면 남김없이 끝냅니다. 포트가 쓰이고 있으면 다른 포트입니다.

    Raises:
        DemoError: 시작하지 못했을 때.
    """
    chosen = free_port(port)
    stage = Stage(f"http://127.0.0.1:{chosen}")
    variables = {name: os.environ.get(name, value) for name, value in script.environment.items()}
    command = [sys.executable, "-m", "lab", "--no-browser", "--port", str(chosen)]
    child = Child("lab", command, ROOT, variables, stage.notice)
    try:
        wait_until_ready(child, lambda: answers(stage), START_SECONDS)
        for program in script.programs:
            stage.start_afresh(program)
        yield stage
    except (StartError, PlayError, httpx.HTTPError) as error:
        raise DemoError(f"시연을 준비하지 못했습니다.\n{error}") from None
    finally:
        stage.client.close()
        stop_all([child], STOP_SECONDS)


def present(script: Script, console: Console, port: int, wait: bool) -> None:
    """대본을 처음부터 끝까지 실행합니다. `wait`가 참이면 걸음마다 Enter를 기다립니다.

    Raises:
        DemoError: 적힌 것과 다른 일이 일어났거나, 키보드가 없을 때.
    """
    if wait and not sys.stdin.isatty():
        raise DemoError("Enter를 누를 키보드가 없습니다. --no-wait를 붙이면 기다리지 않습니다")
    console.print(Text(f"{script.name}  {script.title} ({script.minutes}분)", style="bold"))
    console.print(f"준비 중: {', '.join(script.programs)} (10초쯤 걸립니다)")
    with suppress(Quit), stage_of(script, port) as stage:
        console.print(Text(f"준비됨: 프로젝터에 {stage.url}/timeline/ 을 띄우세요"))
        for number, step in enumerate(script.steps, 1):
            show(step, f"{number}/{len(script.steps)}", stage, console, wait)
        console.print()
        console.print(Text(script.surprise, style="bold yellow"))
        lesson = f"{stage.url}/{script.lesson}#{script.pitfall.replace('_', '-')}"
        console.print(Text(f"고치는 법: {lesson}", style="dim"))
        pause(console, wait, "Enter를 누르면 예제를 모두 끝냅니다")


def show(step: Step, place: str, stage: Stage, console: Console, wait: bool) -> None:
    """한 걸음을 보이고 실행합니다."""
    console.print()
    console.print(Text.assemble((f"[{place}] ", "dim"), (step.say, "bold")))
    if step.predict:
        console.print(Text(f"  예측하기: {step.predict}", style="cyan"))
    console.print(Text(f"  {stage.command(step)}", style="green"))
    pause(console, wait, "Enter")
    width = min(console.width, WIDEST) - 2
    try:
        lines = stage.perform(step, width, block_for(console.encoding))
    except DemoError as error:
        raise DemoError(f"{place}: {error}\n{ADVICE}.") from None
    for line in lines:
        console.print(Text("  ") + line, no_wrap=True, crop=False)


class Quit(Exception):
    """강사가 그만두었습니다."""


def pause(console: Console, wait: bool, note: str) -> None:
    """Enter를 기다립니다. q를 적으면 그만둡니다.

    Raises:
        Quit: 그만둘 때.
    """
    if not wait:
        return
    try:
        if console.input(Text(f"  ▸ {note} (그만두려면 q) ", style="dim")).strip().lower() == "q":
            raise Quit
    except (EOFError, KeyboardInterrupt):
        console.print()
        raise Quit from None


def block_for(encoding: str) -> str:
    """터미널이 보여 줄 수 있는 막대의 글자입니다."""
    try:
        "█✕│↑".encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return "#"
    return "█"
