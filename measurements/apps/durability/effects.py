"""재는 태스크와 그 효과: 파일에 적은 한 줄. 브로커의 고장이 이 줄을 지우지 않습니다."""

import json
import os
import time
from collections.abc import Callable
from typing import Any

FILE = os.environ.get("EFFECTS_FILE", "effects.jsonl")
WORK_SECONDS = float(os.environ.get("WORK_SECONDS", "0.1"))


def work(number: int) -> None:
    """오래 걸리는 일을 하고, 마쳤다고 적습니다."""
    time.sleep(WORK_SECONDS)
    write(number)


def write(number: int) -> None:
    """일을 마쳤다고 적습니다. 여러 프로세스가 함께 적어도 줄이 섞이지 않습니다."""
    line = json.dumps({"time": time.time(), "number": number, "pid": os.getpid()})
    file = os.open(FILE, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(file, f"{line}\n".encode())
    finally:
        os.close(file)


class Ledger:
    """예제의 장부(Redis의 해시)를 대신합니다. 두 번 적으면 두 줄이 남습니다."""

    def __init__(self, number_of_this_task: Callable[[], int]) -> None:
        self._number = number_of_this_task

    def hset(self, name: str, key: str, value: Any) -> None:
        """지금 실행하는 태스크의 번호를 적습니다."""
        write(self._number())
