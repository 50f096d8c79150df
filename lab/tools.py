"""다른 프로그램(uv, mkdocs, Node.js의 도구)을 실행하고 끝나기를 기다립니다."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from lab.processes import LAST_LINES


def run_tool(
    command: Sequence[str],
    folder: Path,
    seconds: float,
    error: type[Exception],
    problem: str,
    env: Mapping[str, str] | None = None,
) -> str:
    """`folder`에서 명령을 실행하고 표준 출력을 돌려줍니다.

    Raises:
        error: 실패했거나 `seconds`초를 넘겼을 때. 메시지는 `problem`과 마지막 출력입니다.
    """
    try:
        result = subprocess.run(
            command,
            cwd=folder,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise error(f"{problem}. {seconds:g}초를 넘겼습니다") from None
    if result.returncode != 0:
        lines = (result.stdout + result.stderr).rstrip().splitlines()[-LAST_LINES:]
        raise error("\n".join([f"{problem}. 마지막 출력:", *lines]))
    return result.stdout


def run_uv(arguments: Sequence[str], folder: Path, seconds: float, error: type[Exception]) -> str:
    """`folder`의 가상 환경에서 uv를 실행하고 표준 출력을 돌려줍니다.

    Raises:
        error: uv가 없거나, 실패했거나, `seconds`초를 넘겼을 때.
    """
    program = os.environ.get("UV") or shutil.which("uv")
    if program is None:
        raise error("uv를 찾지 못했습니다. 설치하세요: pip install uv")
    problem = f"uv {' '.join(arguments[:3])} 명령이 실패했습니다"
    # 바깥의 가상 환경이 아니라 그 폴더의 것을 쓰게 합니다.
    env = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    return run_tool([program, *arguments], folder, seconds, error, problem, env)
