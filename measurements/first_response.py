"""새로 받은 저장소에서 첫 응답까지 걸리는 시간을 잽니다.

README의 명령을 그대로 쓰고, 명령을 내린 때부터 01_basic이 200으로 답할 때까지 잽니다.
"""

import asyncio
import os
import subprocess
import tempfile
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.processes import Child, stop_all
from lab.services import free_port
from lab.site import ROOT
from measurements.client import fetch, request
from measurements.results import MeasurementError

# exec: 끝낼 때의 시그널이 셸이 아니라 uv에 가게 합니다.
COMMAND = "pip install --quiet uv && exec uv run lab 01 --port {port}"
PATH = "/run/01_basic/send-notification/user@example.com"
LONGEST_SECONDS = 300


@contextmanager
def fresh_clone() -> Iterator[tuple[Path, dict[str, str]]]:
    """새로 받은 저장소와, 빈 HOME과 빈 캐시를 가리키는 환경 변수입니다."""
    with tempfile.TemporaryDirectory(prefix="measure-") as folder:
        clone, home = Path(folder) / "clone", Path(folder) / "home"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        home.mkdir()
        venv.create(home / "python", with_pip=True)
        path = os.pathsep.join([str(home / "python" / "bin"), os.environ["PATH"]])
        cache = str(home / ".cache")
        # 빈 값으로 두면 uv가 바깥의 가상 환경을 쓰지 않습니다.
        yield (
            clone,
            {
                "HOME": str(home),
                "PATH": path,
                "UV_CACHE_DIR": f"{cache}/uv",
                "XDG_CACHE_HOME": cache,
                "VIRTUAL_ENV": "",
            },
        )


def seconds_to_first_response(clone: Path, variables: dict[str, str]) -> float:
    """명령을 실행하고, 첫 200 응답까지 걸린 시간(초)을 돌려줍니다.

    Raises:
        MeasurementError: 실습 도구가 응답하기 전에 끝났을 때.
    """
    port = free_port()
    command = ["sh", "-c", COMMAND.format(port=port)]
    started = time.monotonic()
    child = Child("lab", command, clone, variables, lambda _process, _line: None)
    try:
        while time.monotonic() - started < LONGEST_SECONDS:
            if child.returncode is not None:
                child.wait(1)
                break
            if asyncio.run(answers(port)):
                return time.monotonic() - started
            time.sleep(0.02)
        raise MeasurementError("\n".join(["첫 응답이 오지 않았습니다.", *child.last_lines]))
    finally:
        stop_all([child], 30)


async def answers(port: int) -> bool:
    """01_basic이 200으로 답하면 참입니다."""
    try:
        answer = await fetch(f"http://127.0.0.1:{port}", request("POST", PATH), LONGEST_SECONDS)
    except OSError:
        return False
    return answer.status == 200
