"""측정의 명령. `uv run measure`로 실행합니다."""

import importlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from typing import Annotated, Any, Protocol, cast

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from lab import usage
from lab.help import App
from lab.node import NodeError
from lab.processes import StartError
from lab.services import ServiceUnavailableError
from lab.site import SiteError
from measurements import results
from measurements.durability import reading
from measurements.results import MeasurementError, Result

NAMES = (
    *("latency", "publish", "outage", "threadpool"),
    *("throughput", "scale", "backlog", "queueing"),
    *("lab", "exercises", "versions", "durability"),
)
"""`measurements.이름` 모듈이 하나씩 있습니다. 차례는 `measure all`의 차례입니다."""
ALONE = ("suite", "lighthouse", "demos")
"""오래 걸려서, 이름을 적을 때만 재는 것입니다."""

FAILURES = (
    *(MeasurementError, NodeError, ServiceUnavailableError, SiteError, StartError),
    usage.WrongUsageError,
)
"""예상할 수 있는 실패입니다. 메시지를 그대로 보여 줍니다."""
app = App(help="사이트에 적는 수치를 잽니다.")
# 터미널이 아니면(파일, CI) 너비를 알 수 없으므로 표가 접히지 않을 만큼 넓게 적습니다.
console = Console(width=None if sys.stdout.isatty() else 140)
Quick = Annotated[bool, typer.Option("--quick", help="짧게 재고, 결과의 모양만 확인하기")]
Save = Annotated[bool, typer.Option("--save", help="--quick의 결과도 파일에 적기")]


class Measurement(Protocol):
    """측정 모듈이 갖추어야 할 것입니다. 그림이 있으면 `charts(result)`도 둡니다."""

    TITLE: str
    COLUMNS: dict[str, str]

    def measure(self, *, quick: bool, progress: Progress) -> Result:
        """재고 결과를 돌려줍니다. 시작한 프로세스는 모두 끝냅니다."""

    def check(self, result: Result) -> list[str]:
        """결과의 모양이 기대와 다른 점입니다. 절대 시간은 보지 않습니다."""


def find(name: str) -> Measurement:
    """이름으로 측정을 찾습니다."""
    return cast(Measurement, importlib.import_module(f"measurements.{name}"))


def run(name: str, quick: bool) -> Result:
    """하나를 재어 표를 출력하고 결과를 돌려줍니다."""
    module = find(name)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        began = time.monotonic()
        result = module.measure(quick=quick, progress=progress)
    seconds = round(time.monotonic() - began, 1)
    result = replace(result, title=module.TITLE, columns=module.COLUMNS, seconds=seconds)
    show(result)
    return result


def show(result: Result) -> None:
    """표와 잰 조건을 출력합니다."""
    heading, *rows = results.table(result, result.columns)
    table = Table(title=result.title, title_justify="left", box=None, pad_edge=False)
    for key, column in zip(result.columns, heading, strict=True):
        is_number = any(isinstance(row.get(key), (int, float)) for row in result.rows)
        table.add_column(column, justify="right" if is_number else "left")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)
    console.print(Text(results.conditions(result), style="dim"))


def write(result: Result) -> None:
    """결과와 그림을 적습니다."""
    files = [results.save(result), *draw(result)]
    console.print(Text(f"적었습니다: {', '.join(file.name for file in files)}"))


def draw(result: Result) -> list[Any]:
    """결과의 그림을 적고, 적은 파일을 돌려줍니다."""
    figures = getattr(find(result.name), "charts", None)
    if figures is None:
        return []
    from measurements import charts

    return [charts.save(result.name, key, figure) for key, figure in figures(result).items()]


def judge(result: Result) -> bool:
    """기대와 다른 점을 출력하고, 없으면 참을 돌려줍니다."""
    wrong = find(result.name).check(result)
    for line in wrong:
        console.print(Text(f"{result.name}: {line}", style="red"))
    return not wrong


def add(name: str) -> None:
    """측정 하나를 명령으로 더합니다."""

    def command(quick: Quick = False, save: Save = False) -> None:
        result = run(name, quick)
        if save or not quick:
            write(result)
        raise typer.Exit(0 if judge(result) else 1)

    app.command(name, help=find(name).TITLE)(command)


@app.command("all")
def measure_all(quick: Quick = False, save: Save = False) -> None:
    """모두 차례로 잽니다. 하나를 재지 못해도 나머지를 잽니다."""
    good = [measure_one(name, quick, save) for name in NAMES]
    raise typer.Exit(0 if all(good) else 1)


def measure_one(name: str, quick: bool, save: bool) -> bool:
    """하나를 재고, 재지 못했거나 기대와 다르면 알리고 거짓을 돌려줍니다."""
    try:
        result = run(name, quick)
        if save or not quick:
            write(result)
    except FAILURES as error:
        console.print(Text(f"{name}: {error}", style="red"))
        return False
    return judge(result)


@app.command("show")
def show_saved(name: Annotated[str, typer.Argument(help="측정의 이름")]) -> None:
    """적어 둔 결과를 봅니다."""
    result = results.load(name)
    show(result)
    raise typer.Exit(0 if judge(result) else 1)


app.command("history")(reading.show)


@app.command("draw")
def draw_saved() -> None:
    """다시 재지 않고, 적어 둔 결과로 그림만 다시 그립니다."""
    for name in NAMES:
        for file in draw(results.load(name)):
            console.print(Text(f"적었습니다: {file.name}"))


def with_packages(command: list[str]) -> int:
    """측정에 필요한 라이브러리까지 설치한 환경에서 같은 명령을 다시 실행합니다."""
    uv = os.environ.get("UV") or shutil.which("uv")
    if uv is None or "MEASURE_AGAIN" in os.environ:
        raise MeasurementError("실행하세요: uv run --group measurements measure")
    again = [uv, "run", "--group", "measurements", "measure", *command]
    return subprocess.run(again, env={**os.environ, "MEASURE_AGAIN": "1"}, check=False).returncode


def guarded(action: Callable[[], Any]) -> Any:
    """예상할 수 있는 실패를 한국어 한 단락으로 알립니다."""
    try:
        return action()
    except FAILURES as error:
        console.print(Text(str(error), style="red"))
        sys.exit(1)


def main() -> None:
    """명령을 실행합니다. 어떻게 끝내든 시작한 프로세스를 모두 끝내고 끝납니다."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if find_spec("matplotlib") is None:
        sys.exit(guarded(lambda: with_packages(sys.argv[1:])))
    for name in (*NAMES, *ALONE):
        add(name)
    guarded(lambda: usage.run(app, sys.argv[1:] or ["--help"]))
