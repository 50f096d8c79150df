"""연습의 파일을 저장할 때마다 확인합니다."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from watchfiles import Change, watch

from lab.checking.exercises import Exercise
from lab.checking.verdict import Trouble

DEBOUNCE_MILLISECONDS = 200
"""편집기가 한 번의 저장을 여러 번에 나누어 쓰므로, 이만큼 모읍니다."""


def saved(every: list[Exercise], changes: set[tuple[Change, str]]) -> Iterator[Exercise]:
    """바뀐 파일의 연습입니다."""
    paths = {Path(path) for change, path in changes if change is not Change.deleted}
    yield from (exercise for exercise in every if exercise.file.resolve() in paths)


def watch_exercises(every: Iterable[Exercise], check: Callable[[Exercise], None]) -> None:
    """저장된 연습을 `check`에 넘깁니다. Ctrl+C를 누를 때까지 돌아오지 않습니다.

    Raises:
        Trouble: 지켜볼 폴더가 없을 때.
    """
    chosen = list(every)
    folders = {exercise.file.parent.resolve() for exercise in chosen}
    missing = [folder for folder in folders if not folder.is_dir()]
    if missing or not folders:
        raise Trouble("연습의 폴더가 없습니다. 처음 파일을 다시 받으세요: uv run lab reset 01-1")
    for changes in watch(*folders, debounce=DEBOUNCE_MILLISECONDS, recursive=False):
        for exercise in saved(chosen, changes):
            check(exercise)
