"""버전마다 따로 만드는 환경. uv가 만들고, 그 안에서 apps/의 앱을 실행합니다."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from measurements.results import MeasurementError

APPS = Path(__file__).parent / "apps"
PYTHON = "3.11"
"""오래된 버전까지 설치할 수 있는 파이썬입니다."""
DEADLINE_SECONDS = 300
HIDDEN = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT")
"""이 프로젝트의 환경이 섞이지 않게 빼는 환경 변수입니다."""


@dataclass(frozen=True)
class Environment:
    """함께 설치하는 FastAPI와 Starlette의 버전입니다. 비어 있으면 가장 새것입니다."""

    fastapi: str = ""
    starlette: str = ""
    quick: bool = False
    """--quick에서도 실행합니다."""

    def packages(self) -> list[str]:
        """uv에 주는 요구 사항입니다."""
        pins = (("fastapi", self.fastapi), ("starlette", self.starlette))
        return [
            *(f"{name}=={version}" if version else name for name, version in pins),
            "python-multipart",
        ]


ENVIRONMENTS = (
    Environment("0.95.0", "0.26.1"),
    Environment("0.99.1", "0.27.0"),
    Environment("0.103.2", "0.27.0"),
    Environment("0.105.0", "0.27.0", quick=True),
    Environment("0.106.0", "0.27.0", quick=True),
    Environment("0.110.0", "0.36.3"),
    Environment("0.115.14", "0.46.2"),
    Environment("0.117.1", "0.48.0", quick=True),
    Environment("0.118.0", "0.48.0", quick=True),
    Environment("0.120.4", "0.49.3", quick=True),
    Environment("0.121.0", "0.49.3", quick=True),
    Environment("0.128.8", "0.52.1"),
    Environment("0.142.0", "1.0.0"),
    Environment("0.157.0", "1.6.0", quick=True),
    Environment("0.157.0", "1.7.0", quick=True),
    Environment("0.163.2", "1.9.0"),
    Environment(quick=True),
)
"""동작이 바뀐 버전의 바로 앞과 그 버전을 모두 담습니다. 차례는 오래된 것부터입니다."""


def run_in(environment: Environment, apps: list[str]) -> dict[str, Any]:
    """환경을 만들어 앱들을 실행하고, 설치된 버전과 일어난 일을 돌려줍니다.

    Raises:
        MeasurementError: 환경을 만들지 못했거나 앱이 실패했을 때.
    """
    uv = os.environ.get("UV") or shutil.which("uv")
    if uv is None:
        raise MeasurementError("uv를 찾지 못했습니다. 설치하세요: pip install uv")
    asked = environment.packages()
    newest = [] if environment.fastapi else ["--refresh-package=fastapi"]
    newest += [] if environment.starlette else ["--refresh-package=starlette"]
    command = [uv, "run", "--quiet", "--no-project", "--isolated", f"--python={PYTHON}", *newest]
    command += [f"--with={each}" for each in asked]
    command += ["python", "probe.py", *apps]
    variables = {name: value for name, value in os.environ.items() if name not in HIDDEN}
    try:
        run = subprocess.run(
            command,
            cwd=APPS,
            env={**variables, "PYTHONUTF8": "1"},
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=DEADLINE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        reason = f"{DEADLINE_SECONDS}초 안에 끝나지 않았습니다"
        raise MeasurementError(f"{', '.join(asked)}: {reason}. 인터넷 연결을 확인하세요") from None
    if run.returncode != 0:
        raise MeasurementError(
            f"{', '.join(asked)}에서 실행하지 못했습니다. 인터넷 연결을 확인하고 다시 실행하세요. "
            f"마지막 출력:\n{run.stderr.strip()[-1500:]}"
        )
    found: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return found
