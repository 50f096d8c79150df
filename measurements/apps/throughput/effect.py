"""모든 시스템의 태스크가 부르는 같은 일. 끝날 때마다 파일에 한 바이트를 덧붙여, 값싸게 셉니다."""

import asyncio
import os
import time
from pathlib import Path

FOLDER = Path(os.environ.get("DONE_FOLDER", "."))
NAP_SECONDS = 0.01
files: dict[str, int] = {}


def nothing(label: str) -> None:
    """아무것도 하지 않습니다. `label`은 세는 파일의 이름입니다."""
    done(label)


def nap(label: str) -> None:
    """10 ms를 기다립니다."""
    time.sleep(NAP_SECONDS)
    done(label)


async def async_nap(label: str) -> None:
    """이벤트 루프를 붙잡지 않고 10 ms를 기다립니다."""
    await asyncio.sleep(NAP_SECONDS)
    done(label)


def done(label: str) -> None:
    """하나를 끝냈다고 적습니다. 여러 프로세스가 함께 적어도 섞이지 않습니다."""
    if label not in files:
        flags = os.O_APPEND | os.O_CREAT | os.O_WRONLY
        files[label] = os.open(FOLDER / label, flags)
    os.write(files[label], b".")
