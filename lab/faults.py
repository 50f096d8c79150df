"""실행 중인 실습 도구에서 고장을 내는 명령입니다: kill, stop, start, freeze, thaw"""

import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from lab import catalogue, usage
from lab.help import App
from lab.remote import LabNotRunningError, ask_for_fault

COMMANDS = {
    "kill": "실행 중인 실습 도구에서 프로세스를 kill -9로 끝냅니다. 예: lab kill 04 worker",
    "stop": "프로세스를 정상 종료합니다. 예: lab stop 04 broker",
    "start": "끝낸 프로세스를 다시 시작합니다. 예: lab start 04 broker",
    "freeze": "연결은 받지만 답하지 않게 합니다. 예: lab freeze 04 broker",
    "thaw": "freeze한 프로세스를 다시 움직이게 합니다. 예: lab thaw 04 broker",
}
FAILURES = (catalogue.UnknownProgramError, LabNotRunningError)
"""예상할 수 있는 실패입니다. 메시지를 그대로 보여 줍니다."""

app = App()
Port = Annotated[int, typer.Option(min=1, max=65535, help="실습 도구의 포트")]
Number = Annotated[str, typer.Argument(help="예제 번호나 함정 이름. 예: 04")]
ProcessName = Annotated[str, typer.Argument(help="프로세스 이름. 예: web, worker, broker")]
console = Console(highlight=False, soft_wrap=True)


def add(action: str, help_text: str) -> None:
    """`lab kill 04 worker` 같은 명령 하나를 더합니다."""

    def command(number: Number, process: ProcessName, port: Port = 8000) -> None:
        program = catalogue.find_program(number)
        state = ask_for_fault(port, program.name, process, action)
        console.print(f"{program.name}의 {process}: {action} → {state}")

    app.command(action, help=help_text)(command)


for each, text in COMMANDS.items():
    add(each, text)


def main() -> None:
    """명령을 실행하고, 예상할 수 있는 실패는 한국어 한 단락으로 알립니다."""
    try:
        usage.run(app, sys.argv[1:])
    except (*FAILURES, usage.WrongUsageError) as error:
        console.print(Text(str(error), style="red"))
        sys.exit(1)
