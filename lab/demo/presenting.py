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
from lab.services import free_port
from lab.site import SiteError, build_site
from lab.stage import in_a_thread

WIDEST = 120
ADVICE = "고치느라 시간을 쓰지 말고, 이 페이지에서 기록한 실행을 보이세요"


@contextmanager
def stage_of(script: Script, port: int, site: Path | None, examples: Path) -> Iterator[Stage]:
    """시연할 실습 도구를 시작하고, 나가면 남김없이 끝냅니다. 포트가 쓰이고 있으면 다른 포트입니다.

    Raises:
        DemoError: 예제를 시작하지 못했을 때.
    """
    chosen = free_port(port)
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
    pause(console, wait and not step.at_once, "Enter")
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
