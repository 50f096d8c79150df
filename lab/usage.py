"""명령을 실행하고, 잘못 적은 명령을 한국어로 알립니다."""

import re
import sys
from collections.abc import Sequence
from typing import NoReturn

import typer

QUOTED = re.compile(r"'([^']+)'")
INTERRUPTED = 130
"""Ctrl+C로 끝낸 명령의 종료 코드입니다."""


class WrongUsageError(Exception):
    """명령을 잘못 적었습니다. 메시지는 무엇을 고칠지 알려 줍니다."""


def run(app: typer.Typer, arguments: Sequence[str]) -> NoReturn:
    """명령을 실행하고 그 종료 코드로 끝냅니다.

    Raises:
        WrongUsageError: 없는 명령이나 옵션, 빠지거나 잘못된 값을 적었을 때.
    """
    try:
        code = app(arguments, standalone_mode=False)
    except typer.Abort:
        sys.exit(INTERRUPTED)
    except typer.TyperException as error:
        raise WrongUsageError(explain(error)) from None
    sys.exit(code if isinstance(code, int) else 0)


def explain(error: typer.TyperException) -> str:
    """typer의 영어 메시지 대신 보여 줄 문장입니다."""
    said = error.format_message()
    quoted = QUOTED.search(said)
    name = quoted[1] if quoted else said.rpartition(" ")[2].strip("().")
    kinds = {
        "No such command": f"{name} 명령이 없습니다",
        "No such option": f"{getattr(error, 'option_name', name)} 옵션이 없습니다",
        "Missing": f"{name}을(를) 적지 않았습니다",
        "Got unexpected extra": f"{said.rpartition('(')[2].rstrip(').')}은(는) 남는 말입니다",
        "Invalid value": f"{name}에 적은 값이 잘못되었습니다",
        "Option": f"{name} 옵션에는 값을 {'적지 마' if 'does not' in said else '함께 적으'}세요",
    }
    told = next((told for start, told in kinds.items() if said.startswith(start)), said)
    context = getattr(error, "ctx", None)
    command = f"uv run {context.command_path}" if context else "uv run lab"
    return f"{told}. 쓰는 법: {command} --help"
