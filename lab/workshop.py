"""가르치는 사람의 명령입니다: demo, rescue, slides, kit"""

import io
import sys
from pathlib import Path
from typing import Annotated

import httpx
import typer
from rich.console import Console
from rich.text import Text

from lab.demo import script
from lab.demo.presenting import present
from lab.help import App
from lab.kit import making
from lab.kit.targets import all_targets, this_target
from lab.kit.wheels import KitError
from lab.node import NodeError
from lab.originals import NoOriginalsError
from lab.rescue import RescueError
from lab.rescue import rescue as bring_to
from lab.slides import building

FAILURES = (
    *(script.DemoError, KitError, NodeError, NoOriginalsError, RescueError, building.SlidesError),
)
"""예상할 수 있는 실패입니다. 메시지를 그대로 보여 줍니다."""
app = App()
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


@app.command()
def rescue(
    number: Annotated[str, typer.Argument(help="시작할 장의 번호. 예: 03")],
    port: Port = 8000,
) -> None:
    """막힌 사람을 장이 시작하는 상태로 옮깁니다. 고친 파일은 옆에 남겨 둡니다."""
    console = console_of()
    if lab_is_running(port):
        raise RescueError("실습 도구가 켜져 있습니다. Ctrl+C로 끝낸 다음 다시 실행하세요")
    bring_to(number, lambda line: console.print(Text(line)))


@app.command()
def slides(
    numbers: Annotated[list[str] | None, typer.Argument(help="장의 번호. 비우면 모두")] = None,
    pdf: Annotated[bool, typer.Option(help="나누어 줄 PDF도 만들기")] = True,
    output: Annotated[Path, typer.Option(help="적을 폴더")] = building.OUTPUT,
) -> None:
    """장마다 슬라이드를 만듭니다. 여는 법: 브라우저로 열고 p를 누르면 강사 화면이 나옵니다."""
    console = console_of()
    for file in building.build(numbers or [], pdf, output, lambda line: console.print(Text(line))):
        console.print(Text(f"만들었습니다: {file}"))
    console.print("브라우저로 여세요. p를 누르면 강사 노트가 있는 화면이 따로 열립니다.")


@app.command()
def kit(
    path: Annotated[Path, typer.Argument(help="만들 폴더")] = making.KIT,
    is_zip: Annotated[bool, typer.Option("--zip", help="zip 하나로 만들기")] = False,
    here: Annotated[bool, typer.Option("--here", help="이 컴퓨터에서 쓸 휠만 받기")] = False,
) -> None:
    """인터넷이 없는 교실에 가져갈 USB의 내용을 만듭니다."""
    console = console_of()
    targets = [this_target()] if here else all_targets()
    made = making.make(path, targets, is_zip, lambda line: console.print(Text(line)))
    console.print(Text(f"만들었습니다: {made}. USB에 그대로 복사하세요."))


def lab_is_running(port: int) -> bool:
    """`port`에서 실습 도구가 답하면 참입니다."""
    try:
        answer = httpx.get(f"http://127.0.0.1:{port}/lab/programs", timeout=2, trust_env=False)
    except httpx.ReadTimeout:
        return True  # 바빠서 늦게 답할 뿐입니다.
    except httpx.HTTPError:
        return False
    return answer.status_code == 200
