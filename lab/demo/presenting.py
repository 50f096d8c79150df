"""시연을 터미널에 보여 줍니다: 말할 문장, 명령, Enter, 일어난 일."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import httpx
from rich.console import Console
from rich.text import Text

from lab.catalogue import EXAMPLES
from lab.demo.performing import Stage
from lab.demo.script import DemoError, Script, Step
from lab.playing import PlayError
from lab.server import create_app
from lab.serving import choose_port
from lab.site import SiteError, build_site
from lab.stage import in_a_thread

WIDEST = 120
AFTER_FAILURE = "앞 걸음 b, 다음 걸음 n, 그만두려면 q"
STEPS_TO = {"b": -1, "r": 0, "n": 1, "": 1}
"""누른 글자에 따라 옮겨 가는 걸음의 수입니다."""
ADVICE = "고치느라 시간을 쓰지 말고, 여기에서 기록한 실행을 보이세요"


@contextmanager
def stage_of(script: Script, port: int, site: Path | None, examples: Path) -> Iterator[Stage]:
    """시연할 실습 도구를 시작하고, 나가면 남김없이 끝냅니다. 포트가 쓰이고 있으면 다른 포트입니다.

    Raises:
        DemoError: 예제를 시작하지 못했을 때.
    """
    chosen = choose_port(port)
    stage = Stage(f"http://127.0.0.1:{chosen}")
    with (
        variables(script.environment),
        closing(stage.client),
        in_a_thread(create_app(stage.url, site, stage.hear, examples), chosen),
    ):
        try:
            for program in script.programs:
                stage.start_afresh(program)
        except (PlayError, httpx.HTTPError) as error:
            raise DemoError(f"시연을 준비하지 못했습니다.\n{error}") from None
        yield stage


@contextmanager
def variables(wanted: Mapping[str, str]) -> Iterator[None]:
    """시연하는 동안만 예제에 줄 환경 변수입니다. 이미 값이 있으면 그 값을 씁니다."""
    added = {name: value for name, value in wanted.items() if name not in os.environ}
    os.environ.update(added)
    try:
        yield
    finally:
        for name in added:
            del os.environ[name]


def present(
    script: Script,
    console: Console,
    port: int,
    wait: bool,
    has_site: bool,
    examples: Path = EXAMPLES,
) -> None:
    """대본을 처음부터 끝까지 실행합니다. `wait`가 참이면 걸음마다 Enter를 기다립니다.
    `has_site`가 거짓이면 사이트를 빌드하지 않고 시연합니다.

    Raises:
        DemoError: 적힌 것과 다른 일이 일어났거나, 키보드가 없을 때.
    """
    if wait and not sys.stdin.isatty():
        raise DemoError("Enter를 누를 키보드가 없습니다. --no-wait를 붙이면 기다리지 않습니다")
    console.print(Text(f"{script.name}  {script.title} ({script.minutes}분)", style="bold"))
    console.print(f"준비 중: {', '.join(script.programs)}")
    site = None
    if has_site:
        try:
            site = build_site()
        except SiteError as error:
            console.print(Text(f"{error}\n사이트 없이 시연합니다.", style="red"))
    with suppress(Quit), stage_of(script, port, site, examples) as stage:
        if site is not None:
            console.print(Text(f"준비됨: 프로젝터에 {stage.url}/timeline/ 을 띄우세요"))
        walk(script, stage, console, wait)
        console.print()
        console.print(Text(script.surprise, style="bold yellow"))
        lesson = f"{stage.url}/{script.lesson}#{script.pitfall.replace('_', '-')}"
        console.print(Text(f"고치는 법: {lesson}", style="dim"))
        pause(console, wait, "Enter를 누르면 예제를 모두 끝냅니다", "그만두려면 q")


def walk(script: Script, stage: Stage, console: Console, wait: bool) -> None:
    """걸음을 차례로 보입니다. 키보드가 있으면 앞으로 돌아가거나, 되지 않은 걸음을 다시 합니다.

    Raises:
        DemoError: 키보드가 없는데, 적힌 것과 다른 일이 일어났을 때.
        Quit: 그만둘 때.
    """
    number = 0
    while number < len(script.steps):
        place = f"{number + 1}/{len(script.steps)}"
        try:
            answer = show(script.steps[number], place, stage, console, wait)
        except DemoError as error:
            told = f"{place}: {error}\n{ADVICE}: {stage.url}/{script.lesson}"
            if not wait:
                raise DemoError(told) from None
            console.print(Text(told, style="red"))
            answer = pause(console, wait, "Enter를 누르면 이 걸음을 다시 합니다", AFTER_FAILURE)
            answer = answer or "r"
        number = max(0, number + STEPS_TO.get(answer, 1))


def show(step: Step, place: str, stage: Stage, console: Console, wait: bool) -> str:
    """한 걸음을 보이고 실행합니다. 실행하지 않고 돌아가면 누른 글자를 돌려줍니다."""
    console.print()
    console.print(Text.assemble((f"[{place}] ", "dim"), (step.say, "bold")))
    if step.predict:
        console.print(Text(f"  예측하기: {step.predict}", style="cyan"))
    console.print(Text(f"  {stage.command(step)}", style="green"))
    if answer := pause(console, wait and not step.at_once, "Enter", "앞 걸음 b, 그만두려면 q"):
        return answer
    width = min(console.width, WIDEST) - 2
    for line in stage.perform(step, width, block_for(console.encoding)):
        console.print(Text("  ") + line, no_wrap=True, crop=False)
    return ""


class Quit(Exception):
    """강사가 그만두었습니다."""


def pause(console: Console, wait: bool, note: str, others: str) -> str:
    """Enter를 기다리고, 함께 적은 글자를 돌려줍니다. q를 적으면 그만둡니다.

    Raises:
        Quit: 그만둘 때.
    """
    if not wait:
        return ""
    forget_typed()
    try:
        answer = console.input(Text(f"  ▸ {note} ({others}) ", style="dim")).strip().lower()
    except (EOFError, KeyboardInterrupt):
        console.print()
        raise Quit from None
    if answer == "q":
        raise Quit
    return answer


def forget_typed() -> None:
    """기다리는 동안 미리 누른 Enter가 다음 걸음을 건너뛰지 않게 합니다."""
    if not sys.stdin.isatty():
        return
    if sys.platform == "win32":
        import msvcrt

        while msvcrt.kbhit():
            msvcrt.getwch()
    else:
        import termios

        termios.tcflush(sys.stdin, termios.TCIFLUSH)


def block_for(encoding: str) -> str:
    """터미널이 보여 줄 수 있는 막대의 글자입니다."""
    try:
        "█✕│↑".encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return "#"
    return "█"
