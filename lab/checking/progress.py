"""배우는 사람의 진도입니다. 저장소 맨 위의 `.progress.json`에 적고, git에는 올리지 않습니다."""

import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

NAME = ".progress.json"


@dataclass
class Progress:
    """연습 번호를 열쇠로 하는 기록입니다. 고친 다음 `save`를 부르세요."""

    file: Path
    tries: dict[str, int] = field(default_factory=dict)
    """확인한 횟수입니다."""
    hints: dict[str, int] = field(default_factory=dict)
    """본 힌트의 수입니다."""
    solved: dict[str, str] = field(default_factory=dict)
    """처음 푼 날짜입니다. 예: {"01-1": "2026-01-31"}"""
    start: str = ""
    """`lab rescue`로 옮겨 간 장의 번호입니다. 다음 연습은 이 장부터 찾습니다. 예: "03" """

    def add(self, counts: dict[str, int], number: str, most: int | None = None) -> int:
        """하나를 더하고, 더한 값을 돌려줍니다. `most`보다 커지지 않습니다."""
        value = counts.get(number, 0) + 1
        counts[number] = value if most is None else min(value, most)
        return counts[number]

    def save(self) -> None:
        """파일에 적습니다. 적다가 멈추어도 앞의 기록이 남습니다.

        Raises:
            OSError: 적을 수 없을 때. 배우는 사람에게는 `noted`가 한 줄로 알립니다.
        """
        data = {name: value for name, value in asdict(self).items() if name != "file"}
        handle, name = tempfile.mkstemp(prefix=NAME, dir=self.file.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(data, file, ensure_ascii=False, indent=1, sort_keys=True)
            Path(name).replace(self.file)
        finally:
            Path(name).unlink(missing_ok=True)


def noted(progress: Progress) -> str:
    """진도를 적습니다. 적지 못했으면 그것을 알리는 한 줄을 돌려줍니다."""
    try:
        progress.save()
    except OSError as error:
        return f"진도를 적지 못했습니다: {progress.file.name} ({error.strerror})"
    return ""


def read_progress(root: Path) -> Progress:
    """진도를 읽습니다. 없으면 빈 진도이고, 읽을 수 없으면 그 파일을 옆에 남겨 둡니다."""
    progress = Progress(root / NAME)
    if not progress.file.is_file():
        return progress
    try:
        data = json.loads(progress.file.read_text(encoding="utf-8"))
        for name, kind in (("tries", int), ("hints", int), ("solved", str)):
            getattr(progress, name).update(checked(data.get(name, {}), kind))
        progress.start = str(data.get("start", ""))
    except (OSError, ValueError, TypeError, AttributeError):
        with suppress(OSError):
            progress.file.replace(progress.file.with_suffix(".broken.json"))
        return Progress(root / NAME)
    return progress


def checked(record: Mapping[str, object], kind: type) -> dict[str, object]:
    """번호마다 `kind`의 값이 들어 있는 기록입니다.

    Raises:
        ValueError: 다른 것이 들어 있을 때.
    """
    if not all(isinstance(value, kind) for value in record.values()):
        raise ValueError(record)
    return dict(record)
