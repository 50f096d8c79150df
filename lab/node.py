"""Node.js로 만든 도구(Marp, Lighthouse)를 받고 실행합니다."""

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from lab.tools import run_tool

OLDEST = 18
"""쓸 수 있는 가장 오래된 Node.js의 버전입니다."""
SECONDS = 300
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
INSTALL = f"""Node.js {OLDEST} 이상과 npm이 필요합니다. 다음 가운데 하나를 하세요.
  - Debian, Ubuntu: sudo apt-get install --no-install-recommends nodejs npm
  - macOS: brew install node
  - Windows: winget install OpenJS.NodeJS.LTS"""


class NodeError(RuntimeError):
    """Node.js가 없거나, 도구를 받거나 실행하지 못했습니다. 메시지는 이유와 할 일을 알려 줍니다."""


def find_node() -> str:
    """쓸 수 있는 Node.js의 경로입니다.

    Raises:
        NodeError: 없거나 오래되었을 때.
    """
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        raise NodeError(INSTALL)
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    version = re.match(r"v(\d+)\.", said.stdout)
    if version is None or int(version[1]) < OLDEST:
        raise NodeError(f"지금 Node.js는 {said.stdout.strip()}입니다. {INSTALL}")
    return node


def install(folder: Path, tool: str) -> None:
    """`folder`의 package-lock.json에 적힌 버전을 그 안의 node_modules에 받습니다.

    Raises:
        NodeError: 받지 못했을 때.
    """
    npm = shutil.which("npm")
    assert npm is not None
    problem = f"{tool}를 받지 못했습니다. 인터넷에 연결하세요"
    run([npm, "ci", "--no-fund", "--no-audit"], folder, problem)


def run(command: Sequence[str], folder: Path, problem: str) -> None:
    """명령을 실행합니다. 이 컴퓨터의 Chromium을 쓰게 합니다.

    Raises:
        NodeError: 실패했을 때. 마지막 출력이 들어 있습니다.
    """
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    found = {"CHROME_PATH": browser} if browser else {}
    env = {"CHROME_NO_SANDBOX": "1", **os.environ, **found}
    run_tool(command, folder, SECONDS, NodeError, problem, env)
