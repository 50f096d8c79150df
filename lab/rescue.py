"""막힌 사람을 장 하나가 시작하는 상태로 옮깁니다. 그 사람의 파일은 지우지 않고 옆에 둡니다."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lab import catalogue
from lab.checking.exercises import exercises
from lab.checking.progress import read_progress
from lab.originals import is_same, originals
from lab.site import ROOT
from lab.stage import WRITTEN

ASIDE = "aside"
"""배우는 사람의 파일을 옮겨 두는 폴더입니다. git에는 올리지 않습니다."""
Show = Callable[[str], None]


class RescueError(RuntimeError):
    """옮기지 못했습니다. 메시지는 무엇을 했고 무엇을 하면 되는지 알려 줍니다."""


@dataclass(frozen=True)
class Change:
    """파일 하나에 할 일입니다."""

    path: str
    """저장소에서 본 경로입니다."""
    content: bytes | None
    """새로 적을 내용입니다. None이면 옆으로 옮기기만 합니다."""
    reason: str
    """예: "처음 파일로", "답의 보기로", "실행해서 생긴 파일" """


def plan(number: str, root: Path = ROOT) -> list[Change]:
    """수업 `number`("03"이나 "03_dependencies")가 시작하는 상태로 가려면 할 일입니다.

    앞 수업의 연습은 답의 보기로, 이 수업의 연습과 여기까지의 예제는 처음 파일로 바꿉니다.
    뒤 수업의 것은 그대로 둡니다.

    Raises:
        UnknownProgramError: 그런 수업이 없을 때.
        NoOriginalsError: 예제의 처음 파일이 없을 때.
    """
    lesson = catalogue.find_example(number).folder.name
    reached = [each.name for each in catalogue.examples() if each.name <= lesson]
    wanted: dict[str, tuple[bytes, str]] = {
        path: (content, "처음 파일로")
        for path, content in originals(root).items()
        if path.startswith(tuple(f"examples/{name}/" for name in reached))
    }
    for exercise in exercises(root):
        if exercise.lesson < lesson:
            wanted[exercise.path] = (exercise.solution.read_bytes(), "답의 보기로")
        elif exercise.lesson == lesson:
            wanted[exercise.path] = (exercise.starter.read_bytes(), "처음 파일로")
    changes = [
        Change(path, content, reason)
        for path, (content, reason) in sorted(wanted.items())
        if not is_same(root / path, content)
    ]
    return changes + [
        Change(file.relative_to(root).as_posix(), None, "실행해서 생긴 파일")
        for folder in ("examples", "exercises")
        for name in reached
        for pattern in WRITTEN[1:]
        for file in sorted((root / folder / name).rglob(pattern))
        if file.relative_to(root).as_posix() not in wanted
    ]


def rescue(number: str, show: Show, root: Path = ROOT, now: datetime | None = None) -> None:
    """`plan`대로 옮기고, 한 일을 한 줄씩 알립니다.

    Raises:
        UnknownProgramError, NoOriginalsError: `plan`과 같습니다.
        RescueError: 다른 프로그램이 파일을 쓰고 있어 옮기지 못했을 때.
    """
    lesson = catalogue.find_example(number).folder.name
    progress = read_progress(root)
    progress.start = lesson.partition("_")[0]
    progress.save()
    changes = plan(number, root)
    if not changes:
        show(f"이미 {lesson.partition('_')[0]}장이 시작하는 상태입니다. 바꾼 것이 없습니다.")
        return
    aside = root / ASIDE / f"{now or datetime.now():%Y-%m-%d_%H%M%S}"
    for change in changes:
        try:
            apply(change, root, aside)
        except OSError as error:
            raise RescueError(
                f"{change.path}를 옮기지 못했습니다({error.strerror}). 실습 도구와 편집기를 닫고 "
                "같은 명령을 다시 실행하세요. 이미 옮긴 것은 그대로 두어도 됩니다"
            ) from None
        show(f"{change.reason:　<10} {change.path}")
    show("")
    if aside.exists():
        kept = sum(each.is_file() for each in aside.rglob("*"))
        where = aside.relative_to(root).as_posix()
        show(f"여러분의 파일 {kept}개는 {where}/ 아래에 그대로 있습니다.")
    chapter = lesson.partition("_")[0]
    show(f"이제 {chapter}장이 시작하는 상태입니다. 실행하세요: uv run lab {chapter}")


def changed_examples(root: Path = ROOT) -> list[Change]:
    """처음 파일과 달라진 예제를 되돌리려면 할 일입니다.

    Raises:
        NoOriginalsError: 예제의 처음 파일이 없을 때.
    """
    return [
        Change(path, content, "처음 파일로")
        for path, content in sorted(originals(root).items())
        if path.startswith("examples/") and not is_same(root / path, content)
    ]


def restore(changes: list[Change], root: Path = ROOT, now: datetime | None = None) -> str:
    """`changes`대로 되돌리고, 고친 파일을 옮긴 폴더를 돌려줍니다.

    Raises:
        RescueError: 다른 프로그램이 파일을 쓰고 있어 옮기지 못했을 때.
    """
    aside = root / ASIDE / f"{now or datetime.now():%Y-%m-%d_%H%M%S}"
    for change in changes:
        try:
            apply(change, root, aside)
        except OSError as error:
            raise RescueError(
                f"{change.path}를 되돌리지 못했습니다({error.strerror}). 실습 도구와 편집기를 닫고 "
                "다시 실행하세요"
            ) from None
    return aside.relative_to(root).as_posix()


def apply(change: Change, root: Path, aside: Path) -> None:
    """있던 파일을 옆으로 옮긴 다음 새 내용을 적습니다."""
    file = root / change.path
    if file.exists():
        kept = aside / change.path
        kept.parent.mkdir(parents=True, exist_ok=True)
        if change.content is None:
            shutil.move(file, kept)
        else:
            shutil.copy2(file, kept)
    if change.content is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(change.content)
