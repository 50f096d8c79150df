"""가르치는 사람의 명령입니다: demo"""

import io
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from lab.demo import script
from lab.demo.presenting import present

app = typer.Typer(add_completion=False)
Port = Annotated[int, typer.Option(min=1, max=65535, help="실습 도구의 포트")]


def console_of() -> Console:
    """터미널이 보여 줄 수 없는 글자는 물음표가 됩니다."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    return Console(highlight=False, soft_wrap=True)


@app.command()
def demo(
    number: Annotated[str | None, typer.Argument(help="장의 번호. 비우면 목록")] = None,
    wait: Annotated[bool, typer.Option(help="걸음마다 Enter를 기다리기")] = True,
    site: Annotated[bool, typer.Option(help="타임라인을 보여 줄 사이트도 함께 열기")] = True,
    port: Port = 8000,
) -> None:
    """프로젝터 앞에서 한 걸음씩 시연합니다. 예: lab demo 02"""
    console = console_of()
    if number is None:
        for each in script.scripts():
            command = f"uv run lab demo {each.name.partition('_')[0]}"
            console.print(Text(f"{command}   {each.title} ({each.minutes}분)"))
        return
    present(script.find(number), console, port, wait, site)
