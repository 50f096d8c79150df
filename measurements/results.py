"""측정의 결과: 언제, 어느 컴퓨터에서, 어느 버전으로 재었는지와 함께 JSON으로 적고 읽습니다."""

import json
import os
import platform
import re
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

from lab.services import find_redis_server

FOLDER = Path(__file__).parent.parent / "docs" / "assets" / "measurements"
LARGEST_FILE = 1_000_000
"""결과 파일 하나의 최대 크기(바이트)입니다."""


class MeasurementError(RuntimeError):
    """측정하지 못했거나 결과를 읽지 못했습니다. 메시지는 할 일을 알려 줍니다."""


@dataclass(frozen=True)
class Result:
    """측정 하나의 결과입니다."""

    name: str
    rows: list[dict[str, Any]]
    """표의 줄입니다. 열의 이름은 측정 모듈의 COLUMNS에 있습니다."""
    settings: dict[str, Any]
    """무엇을 얼마나 보냈는지 등, 다시 재는 데 필요한 값입니다."""
    quick: bool
    versions: dict[str, str]
    """파이썬과 라이브러리, 브로커의 버전입니다."""
    samples: dict[str, Any] = field(default_factory=dict)
    """표를 계산한 원래의 값입니다."""
    seconds: float = 0
    """재는 데 걸린 시간(초)입니다. 적을 때 명령이 채웁니다."""
    machine: dict[str, Any] = field(default_factory=lambda: machine())
    date: str = field(default_factory=lambda: date.today().isoformat())
    title: str = ""
    """적을 때 명령이 채웁니다."""
    columns: dict[str, str] = field(default_factory=dict)
    """적을 때 명령이 채웁니다. 열의 이름과 한국어 제목입니다."""


def machine() -> dict[str, Any]:
    """이 컴퓨터의 운영체제, CPU, 코어 수, 메모리(GB)입니다. 이름과 경로는 넣지 않습니다."""
    return {
        "os": operating_system(),
        "cpu": cpu_name(),
        "cores": os.cpu_count() or 1,
        "ram_gb": round(psutil.virtual_memory().total / 1e9),
    }


def operating_system() -> str:
    """운영체제의 이름과 버전입니다. 예: "Debian GNU/Linux 12 (bookworm)" """
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        return f"{platform.system()} {platform.release()}"


def cpu_name() -> str:
    """CPU의 이름입니다. 알 수 없으면 종류(x86_64, arm64)만 돌려줍니다."""
    file = Path("/proc/cpuinfo")
    if file.exists():
        for line in file.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return " ".join(line.partition(":")[2].split())
    return platform.processor() or platform.machine()


def versions(packages: Iterable[str], **others: str) -> dict[str, str]:
    """파이썬과 `packages`의 버전입니다. 브로커의 버전은 `others`로 더합니다."""
    return {
        "Python": platform.python_version(),
        **{package: version(package) for package in packages},
        **others,
    }


def redis_server_version() -> str:
    """실습 도구가 쓰는 Redis 호환 서버의 버전입니다. 알 수 없으면 "?"입니다."""
    server = find_redis_server()
    if server is None:
        return "?"
    text = subprocess.run([server, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"v=(\S+)", text)
    return found[1] if found else "?"


def file_of(name: str) -> Path:
    """측정 `name`의 결과 파일입니다."""
    return FOLDER / f"{name}.json"


def as_text(result: Result) -> str:
    """결과를 JSON으로 적은 글입니다. 표의 줄과 원래의 값은 한 줄에 하나씩 적습니다."""

    def compact(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False)

    def member(key: str, value: Any) -> str:
        if key == "rows" and value:
            inner = ",\n".join(f"  {compact(row)}" for row in value)
            return f'"{key}": [\n{inner}\n ]'
        if key in ("samples", "settings") and value:
            inner = ",\n".join(
                f"  {compact(name)}: {compact(each)}" for name, each in value.items()
            )
            return f'"{key}": {{\n{inner}\n }}'
        return f'"{key}": {compact(value)}'

    members = ",\n ".join(member(key, value) for key, value in asdict(result).items())
    return f"{{\n {members}\n}}\n"


def save(result: Result) -> Path:
    """결과를 적고 그 파일을 돌려줍니다.

    Raises:
        MeasurementError: 결과가 너무 클 때.
    """
    text = as_text(result)
    if (size := len(text.encode())) > LARGEST_FILE:
        raise MeasurementError(
            f"{result.name}의 결과가 {size:,}바이트입니다. samples를 줄여 "
            f"{LARGEST_FILE:,}바이트를 넘지 않게 하세요"
        )
    file = file_of(result.name)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def load(name: str) -> Result:
    """적어 둔 결과를 읽습니다.

    Raises:
        MeasurementError: 적어 둔 결과가 없거나 읽을 수 없을 때.
    """
    file = file_of(name)
    if not file.exists():
        raise MeasurementError(f"{name}의 결과가 없습니다. 실행하세요: uv run measure {name}")
    try:
        return Result(**json.loads(file.read_text(encoding="utf-8")))
    except (TypeError, ValueError) as error:
        raise MeasurementError(
            f"{file.name}을 읽을 수 없습니다({error}). 다시 재세요: uv run measure {name}"
        ) from None


def written(value: Any) -> str:
    """표의 한 칸입니다. 실수는 뜻이 있는 세 자리까지 적습니다."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "예" if value else "아니요"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return str(value)


def table(result: Result, columns: Mapping[str, str]) -> list[list[str]]:
    """표의 줄입니다. 첫 줄은 제목이고, 한 칸은 글입니다."""
    return [
        list(columns.values()),
        *([written(row.get(key)) for key in columns] for row in result.rows),
    ]


def conditions(result: Result) -> str:
    """언제, 어디에서, 어느 버전으로 재었는지 적은 한 문장입니다."""
    machine = result.machine
    where = f"{machine['os']}, {machine['cpu']} {machine['cores']}코어, {machine['ram_gb']} GB"
    which = ", ".join(f"{name} {number}" for name, number in result.versions.items())
    how = " 짧게 재었습니다(quick)." if result.quick else ""
    return f"{result.date}, {where}. {which}. 재는 데 {result.seconds:.0f}초.{how}"
