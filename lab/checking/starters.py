"""처음 파일을 되돌리고, 배우는 사람이 고친 파일은 옆에 남겨 둡니다."""

import shutil
from datetime import datetime
from pathlib import Path

from lab.checking.exercises import Exercise
from lab.checking.verdict import Trouble

ASIDE = "aside"
"""배우는 사람의 파일을 옮겨 두는 폴더입니다. git에는 올리지 않습니다."""


def text_of(file: Path) -> str | None:
    """파일의 글입니다. 줄바꿈의 차이는 없앱니다. 없거나 읽을 수 없으면 None입니다."""
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def is_untouched(exercise: Exercise) -> bool:
    """아직 처음 파일과 같으면 참입니다."""
    text = text_of(exercise.file)
    return text is not None and text == text_of(exercise.starter)


def place_aside(exercise: Exercise) -> Path:
    """고친 파일을 옮길 경로입니다. 예: aside/2026-01-31_090000/exercises/01_basic/…"""
    return exercise.root / ASIDE / f"{datetime.now():%Y-%m-%d_%H%M%S}" / exercise.path


def restore(exercise: Exercise) -> Path | None:
    """처음 파일로 되돌립니다. 고친 파일이 있었으면 옮긴 곳을 돌려줍니다.

    Raises:
        Trouble: 처음 파일을 찾을 수 없거나, 폴더에 적을 수 없을 때.
    """
    if not exercise.starter.is_file():
        raise Trouble(f"{exercise.path}의 처음 파일이 없습니다. 저장소를 다시 받으세요")
    try:
        return replaced(exercise)
    except OSError as error:
        raise Trouble(
            f"{exercise.path} 파일을 되돌리지 못했습니다: {error.filename} ({error.strerror})"
        ) from None


def replaced(exercise: Exercise) -> Path | None:
    """고친 파일이 있으면 옮기고, 그 자리에 처음 파일을 복사합니다."""
    kept = None
    if exercise.file.exists():
        kept = place_aside(exercise)
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(exercise.file, kept)
    exercise.file.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(exercise.starter, exercise.file)
    return kept
