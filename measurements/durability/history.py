"""한 칸의 이력: 보낸 것, 돌아온 답, 고장, 태스크의 효과를 시각과 함께 적은 JSON 줄들."""

import gzip
import json
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from measurements.results import FOLDER, MeasurementError

SUBMIT = "submit"
"""클라이언트가 요청을 보내기 시작했습니다."""
OK = "ok"
"""2xx를 받았습니다. 서버가 그 일을 맡은 것입니다."""
REFUSED = "refused"
"""연결이 거절되었습니다. 서버가 모르는 일입니다."""
UNKNOWN = "unknown"
"""오류를 받았거나 답을 받지 못했습니다. 일이 되었는지 클라이언트는 모릅니다."""
DONE = "done"
"""태스크가 일을 마치고 효과를 남겼습니다."""
LEFT = "left"
"""모두 조용해진 뒤에 보니, 실행되지 않은 태스크가 브로커에 남아 있습니다."""
FAILED = "failed"
"""실행되지 않은 태스크가 결과 백엔드에 실패로 적혀 있습니다. 다시 실행되지는 않습니다."""
FAULT = "fault"
"""고장을 냈거나 되돌렸습니다. 스스로 끝난 프로세스를 다시 시작한 것도 여기에 적습니다."""

HISTORIES = FOLDER / "durability"
Event = dict[str, Any]
"""`t`(첫 요청부터의 초)와 `event`가 있고, 태스크에 관한 것이면 `number`가 있습니다."""


@dataclass
class History:
    """한 칸을 재는 동안 일어난 일을 차례로 적습니다."""

    events: list[Event] = field(default_factory=list)
    started: float = field(default_factory=time.time)

    def add(self, event: str, **details: Any) -> None:
        """지금 일어난 일을 적습니다."""
        self.at(time.time(), event, **details)

    def at(self, when: float, event: str, **details: Any) -> None:
        """`when`(time.time의 값)에 일어난 일을 적습니다."""
        self.events.append({"t": round(when - self.started, 3), "event": event, **details})

    def in_order(self) -> list[Event]:
        """일어난 차례로 늘어놓은 것입니다."""
        return sorted(self.events, key=lambda event: float(event["t"]))


class Effects:
    """태스크가 효과를 적는 파일입니다. 새로 적힌 줄만 이어서 읽습니다."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.lines: list[dict[str, Any]] = []
        self._read = 0

    def refresh(self) -> list[dict[str, Any]]:
        """지금까지 적힌 줄을 모두 돌려줍니다."""
        if self.file.exists():
            with self.file.open("rb") as file:
                file.seek(self._read)
                for line in file:
                    if not line.endswith(b"\n"):
                        break
                    self._read += len(line)
                    self.lines.append(json.loads(line))
        return self.lines


def file_of(cell: str) -> Path:
    """칸 `cell`("방법-고장")의 이력이 있는 파일입니다."""
    return HISTORIES / f"{cell}.jsonl.gz"


def save(histories: dict[str, list[Event]]) -> None:
    """모든 칸의 이력을 적습니다. 전에 적은 것은 지웁니다."""
    HISTORIES.mkdir(parents=True, exist_ok=True)
    for old in HISTORIES.glob("*.jsonl.gz"):
        old.unlink()
    for cell, events in histories.items():
        text = "".join(f"{json.dumps(event, ensure_ascii=False)}\n" for event in events)
        # 시각을 적지 않아야 같은 이력이 같은 파일이 됩니다.
        file_of(cell).write_bytes(gzip.compress(text.encode(), mtime=0))


def load(cell: str) -> list[Event]:
    """적어 둔 이력을 읽습니다.

    Raises:
        MeasurementError: 그런 칸의 이력이 없을 때.
    """
    try:
        text = gzip.decompress(file_of(cell).read_bytes()).decode()
    except FileNotFoundError:
        known = ", ".join(sorted(names())) or "없음"
        raise MeasurementError(f"{cell}의 이력이 없습니다. 있는 것: {known}") from None
    return [json.loads(line) for line in text.splitlines()]


def names() -> Iterable[str]:
    """이력을 적어 둔 칸의 이름입니다."""
    return (file.name.removesuffix(".jsonl.gz") for file in HISTORIES.glob("*.jsonl.gz"))
