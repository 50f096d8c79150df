"""실습 도구의 명령. `uv run lab`으로 실행합니다."""

import signal
import sys
import threading
from types import FrameType
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from lab import catalogue
from lab.processes import StartError
from lab.running import RunningProgram
from lab.services import ServiceUnavailableError, free_port

COLOURS = ("cyan", "magenta", "green", "yellow", "blue", "red")
console = Console(highlight=False, soft_wrap=True)


def listing(command: str, name: str, title: str) -> Table:
    """좁은 터미널에서도 복사할 이름은 줄을 바꾸지 않는 표입니다."""
    table = Table(box=None, pad_edge=False)
    table.add_column(command, no_wrap=True)
    table.add_column(name, no_wrap=True)
    table.add_column(title)
    return table


app = typer.Typer(add_completion=False, no_args_is_help=False)
Port = Annotated[int, typer.Option(min=1, max=65535, help="웹 서버의 포트")]


@app.callback(invoke_without_command=True)
def overview(ctx: typer.Context) -> None:
    """FastAPI 백그라운드 태스크 실습을 실행합니다."""
    if ctx.invoked_subcommand:
        return
    table = listing("명령", "예제", "배우는 것")
    for example in catalogue.examples():
        number = example.name.partition("_")[0]
        table.add_row(f"uv run lab {number}", example.name, example.title)
    console.print(table)
    console.print("\n함정 목록은 uv run lab pitfall, 도움말은 uv run lab --help 로 봅니다.")


@app.command()
def run(
    number: Annotated[str, typer.Argument(help="예제 번호. 예: 04")], port: Port = 8000
) -> None:
    """예제 하나를 필요한 것과 함께 실행합니다. `lab 04`로 줄여 쓸 수 있습니다."""
    serve(catalogue.find_example(number), port)


@app.command()
def pitfall(
    name: Annotated[str | None, typer.Argument(help="함정 이름. 비우면 목록을 봅니다")] = None,
    port: Port = 8000,
) -> None:
    """함정 하나를 실행합니다. /broken과 /fixed를 차례로 불러 보세요."""
    if name:
        serve(catalogue.find_pitfall(name), port)
        return
    table = listing("절", "이름", "함정")
    for each in catalogue.pitfalls():
        table.add_row(each.folder.parent.name, each.name, each.title)
    console.print(table)
    console.print("\n실행하기: uv run lab pitfall 이름")


def serve(program: catalogue.Program, port: int) -> None:
    """프로그램을 실행하고, Ctrl+C나 종료 시그널을 받으면 모두 끝냅니다."""
    stopping = threading.Event()

    def ask_to_stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):  # Windows에는 SIGHUP이 없습니다.
            signal.signal(getattr(signal, name), ask_to_stop)

    chosen = free_port(port)
    if chosen != port:
        console.print(f"{port}번 포트를 다른 프로그램이 쓰고 있어 {chosen}번 포트를 씁니다.")
    colours: dict[str, str] = {}

    def show(process: str, line: str) -> None:
        colour = colours.setdefault(process, COLOURS[len(colours) % len(COLOURS)])
        console.print(Text.assemble((f"{process:>8} │ ", colour), Text.from_ansi(line)))

    running = RunningProgram(program, chosen, show)
    try:
        running.start()
        console.print(f"준비됨: {running.url} ({program.title})", style="bold")
        console.print(f"문서: {running.url}/docs   끝내기: Ctrl+C")
        while not stopping.wait(0.1):
            if ended := running.ended():
                code = ended.returncode
                raise StartError(f"{ended.name} 프로세스가 끝났습니다(종료 코드 {code})")
    finally:
        console.print("프로세스를 모두 끝내는 중입니다…")
        running.stop()


def main() -> None:
    """명령을 실행하고, 예상할 수 있는 실패는 한국어 한 단락으로 알립니다."""
    arguments = sys.argv[1:]
    if arguments and arguments[0][:1].isdigit():
        arguments = ["run", *arguments]  # lab 04는 lab run 04와 같습니다.
    try:
        app(arguments)
    except (catalogue.UnknownProgramError, ServiceUnavailableError, StartError) as error:
        Console(stderr=True, highlight=False, soft_wrap=True).print(Text(str(error)), style="red")
        sys.exit(1)
