"""실습 도구의 명령. `uv run lab`으로 실행합니다."""

import io
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from lab import catalogue, faults, usage, workshop
from lab.check_code import WrongCodeError
from lab.checking import commands as exercises
from lab.doctor import diagnose, explain
from lab.help import App
from lab.offline import export
from lab.outputs import write_outputs
from lab.playing import PlayError
from lab.prefetch import PrefetchError, fetch_everything
from lab.processes import StartError
from lab.recorder import record_scenarios
from lab.scenarios import ScenarioError
from lab.services import ServiceUnavailableError
from lab.serving import console, serve
from lab.site import SiteError

app = App()
app.add_typer(exercises.app)
app.add_typer(faults.app)
app.add_typer(workshop.app)
Port = Annotated[int, typer.Option(min=1, max=65535, help="실습 도구의 포트")]
Browser = Annotated[bool, typer.Option(help="브라우저를 함께 열기")]


class Broker(StrEnum):
    """예제가 쓸 브로커입니다."""

    redis = "redis"
    rabbitmq = "rabbitmq"


def listing(command: str, name: str, title: str) -> Table:
    """좁은 터미널에서도 복사할 이름은 줄을 바꾸지 않는 표입니다."""
    table = Table(box=None, pad_edge=False)
    table.add_column(command, no_wrap=True)
    table.add_column(name, no_wrap=True)
    # 다른 방법은 전각 글자의 너비를 잘못 세어, 줄 끝의 글자를 줄임표로 바꿀 때가 있습니다.
    table.add_column(title, overflow="fold")
    return table


def show_examples() -> None:
    """예제의 목록을 출력합니다."""
    table = listing("명령", "예제", "배우는 것")
    for example in catalogue.examples():
        number = example.name.partition("_")[0]
        table.add_row(f"uv run lab {number}", example.name, example.title)
    console.print(table)
    console.print("\n함정 목록은 uv run lab pitfall, 도움말은 uv run lab --help 로 봅니다.\n")


@app.callback(invoke_without_command=True)
def lab(ctx: typer.Context, port: Port = 8000, browser: Browser = True) -> None:
    """FastAPI 백그라운드 태스크 실습을 실행합니다."""
    if ctx.invoked_subcommand is not None and port != 8000:
        raise usage.WrongUsageError(
            "--port는 명령 뒤에 적으세요. 예: uv run lab kill 04 worker --port 8080"
        )
    if ctx.invoked_subcommand is None:
        show_examples()
        serve(None, port, browser)


@app.command()
def run(
    number: Annotated[str, typer.Argument(help="예제 번호. 예: 04")],
    broker: Annotated[Broker, typer.Option(help="04 예제의 브로커")] = Broker.redis,
    port: Port = 8000,
    browser: Browser = False,
) -> None:
    """예제 하나를 바로 시작합니다. `lab 04`로 줄여 쓸 수 있습니다."""
    find = catalogue.find_variant if broker is Broker.rabbitmq else catalogue.find_example
    serve(find(number), port, browser)


@app.command()
def pitfall(
    name: Annotated[str | None, typer.Argument(help="함정 이름. 비우면 목록을 봅니다")] = None,
    port: Port = 8000,
    browser: Browser = False,
) -> None:
    """함정 하나를 바로 시작합니다. /broken과 /fixed를 차례로 불러 보세요."""
    if name:
        serve(catalogue.find_pitfall(name), port, browser)
        return
    table = listing("절", "이름", "함정")
    for each in catalogue.pitfalls():
        table.add_row(each.folder.parent.name, each.name, each.title)
    console.print(table)
    console.print("\n실행하기: uv run lab pitfall 이름")


def show(line: str) -> None:
    """한 줄을 출력합니다. 터미널이 보여 줄 수 없는 글자는 물음표가 됩니다."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    console.print(Text(line))


@app.command()
def doctor(
    port: Port = 8000,
    code: Annotated[str | None, typer.Option(help="수강생이 읽어 준 확인 번호를 풀기")] = None,
) -> None:
    """이 컴퓨터에서 실습할 수 있는지 확인합니다. 수업 전날 실행하세요."""
    raise typer.Exit(diagnose(port, show) if code is None else explain(code, port, show))


@app.command()
def prefetch() -> None:
    """인터넷이 없는 교실에서 쓸 것을 모두 미리 받습니다."""
    fetch_everything(show)


@app.command()
def record(
    names: Annotated[list[str] | None, typer.Argument(help="기록할 것. 비우면 모두")] = None,
    check: Annotated[bool, typer.Option("--check", help="적지 않고 견주기만 하기")] = False,
    url: Annotated[str | None, typer.Option(help="실행 중인 실습 도구의 주소")] = None,
) -> None:
    """페이지의 요청을 예제에 보내고, 사이트가 보여 줄 기록을 적습니다."""
    raise typer.Exit(record_scenarios(names or [], show, url, check))


@app.command()
def outputs(
    pages: Annotated[
        list[str] | None, typer.Argument(help="페이지 경로의 일부. 비우면 모두")
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="적지 않고 견주기만 하기")] = False,
) -> None:
    """페이지의 명령을 예제에 실행하고, 나온 출력을 그 아래에 적습니다."""
    raise typer.Exit(write_outputs(pages or [], show, check))


@app.command()
def site(
    path: Annotated[Path | None, typer.Argument(help="적을 폴더나 zip 파일")] = None,
    is_zip: Annotated[
        bool, typer.Option("--zip", help="USB로 나누어 줄 zip 하나로 만들기")
    ] = False,
) -> None:
    """사이트를 내보냅니다. --zip이면 인터넷 없이 여는 zip 하나입니다."""
    export(path, is_zip, show)


def main() -> None:
    """명령을 실행하고, 예상할 수 있는 실패는 한국어 한 단락으로 알립니다."""
    arguments = sys.argv[1:]
    if arguments and arguments[0][:1].isdigit():
        arguments = ["run", *arguments]  # lab 04는 lab run 04와 같습니다.
    try:
        usage.run(app, arguments)
    except (
        *exercises.FAILURES,
        *faults.FAILURES,
        *workshop.FAILURES,
        WrongCodeError,
        PlayError,
        PrefetchError,
        ScenarioError,
        ServiceUnavailableError,
        SiteError,
        StartError,
        usage.WrongUsageError,
    ) as error:
        console.print(Text(str(error), style="red"))
        sys.exit(1)
