"""graders/를 읽어 연습의 목록을 만듭니다. 채점기를 실행하지는 않습니다."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
KINDS = ("고치기", "쓰기", "예측", "재기", "버티기")


class UnknownExerciseError(LookupError):
    """그런 연습이 없습니다. 메시지는 있는 번호를 알려 줍니다."""


class BrokenExerciseError(RuntimeError):
    """연습의 설명(exercise.toml)을 읽을 수 없습니다. 메시지는 무엇을 고칠지 알려 줍니다."""


@dataclass(frozen=True)
class Exercise:
    """연습 하나입니다."""

    root: Path
    lesson: str
    """예제 폴더의 이름입니다. 예: 01_basic"""
    slug: str
    """파일 이름에서 확장자를 뺀 것입니다. 예: 2_response_first"""
    title: str
    kind: str
    minutes: int
    goal: str
    hints: tuple[str, ...]
    wrong: dict[str, str]
    """틀린 답의 이름과, 채점기의 말에 들어 있어야 할 글입니다."""

    @property
    def number(self) -> str:
        """명령에 적는 번호입니다. 예: 01-2"""
        return f"{self.lesson.partition('_')[0]}-{self.slug.partition('_')[0]}"

    @property
    def path(self) -> str:
        """배우는 사람이 고치는 파일의 경로를 저장소에서 본 것입니다."""
        return f"exercises/{self.lesson}/{self.slug}.py"

    @property
    def file(self) -> Path:
        """배우는 사람이 고치는 파일입니다."""
        return self.root / self.path

    @property
    def solution(self) -> Path:
        """답의 보기입니다."""
        return self.root / "solutions" / self.lesson / f"{self.slug}.py"

    @property
    def folder(self) -> Path:
        """채점기가 있는 폴더입니다."""
        return self.root / "graders" / self.lesson / self.slug

    @property
    def starter(self) -> Path:
        """처음 파일의 복사본입니다. 배우는 사람이 파일을 고치거나 지워도 남아 있습니다."""
        return self.folder / "starter.py"

    @property
    def wrong_answers(self) -> list[Path]:
        """채점기가 거절해야 할 틀린 답입니다."""
        return sorted((self.folder / "wrong").glob("*.py"))

    @property
    def right_answers(self) -> list[Path]:
        """채점기가 통과시켜야 할, 답의 보기와 다르게 쓴 맞는 답입니다."""
        return sorted((self.folder / "right").glob("*.py"))


def read(description: Path, root: Path) -> Exercise:
    """exercise.toml 하나를 읽습니다.

    Raises:
        BrokenExerciseError: 형식이 틀렸을 때.
    """
    where = description.relative_to(root).as_posix()
    try:
        data: dict[str, Any] = tomllib.loads(description.read_text(encoding="utf-8"))
        return Exercise(
            root=root,
            lesson=description.parent.parent.name,
            slug=description.parent.name,
            title=data["title"],
            kind=data["kind"],
            minutes=data["minutes"],
            goal=data["goal"],
            hints=tuple(data["hints"]),
            wrong=data.get("wrong", {}),
        )
    except KeyError as error:
        raise BrokenExerciseError(f"{where}에 {error.args[0]}이(가) 없습니다") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BrokenExerciseError(f"{where}의 형식이 틀렸습니다: {error}") from None


def exercises(root: Path = ROOT) -> list[Exercise]:
    """번호순으로 늘어놓은 연습입니다."""
    return [read(file, root) for file in sorted(root.glob("graders/*/*/exercise.toml"))]


def find(number: str | None, root: Path = ROOT) -> list[Exercise]:
    """번호("01"이나 "01-2")나 파일의 경로로 연습을 찾습니다. None이면 모두입니다.

    Raises:
        UnknownExerciseError: 그런 연습이 없거나, 여러 장에 있을 때.
    """
    every = exercises(root)
    if number is None:
        return every
    wanted = number.strip().lower()
    file = Path(number).resolve()
    found = [each for each in every if wanted in names(each) or file == each.file.resolve()]
    if not found:
        lessons = sorted({each.lesson for each in every})
        same = [each.number for each in every if each.lesson[:2] == wanted[:2]]
        known = f"{wanted[:2]}의 연습: {', '.join(same)}" if same else f"장: {', '.join(lessons)}"
        raise UnknownExerciseError(f"{number!r} 연습이 없습니다. {known}")
    if len({each.lesson for each in found}) > 1:
        raise choose(found)
    return found


def names(exercise: Exercise) -> set[str]:
    """연습을 부를 수 있는 이름입니다."""
    lesson = exercise.lesson
    number = lesson.partition("_")[0]
    slug = exercise.slug
    of_lesson = {number, number.removeprefix("0"), lesson}
    return {exercise.number, exercise.number.removeprefix("0"), slug, exercise.path, *of_lesson}


def choose(found: list[Exercise]) -> UnknownExerciseError:
    """이름 하나가 여러 연습을 가리킨다는 예외입니다."""
    known = ", ".join(each.number for each in found)
    return UnknownExerciseError(f"연습 하나를 고르세요: {known}")


def find_one(number: str, root: Path = ROOT) -> Exercise:
    """번호("01-2")로 연습 하나를 찾습니다.

    Raises:
        UnknownExerciseError: 없거나, 장의 번호여서 여럿일 때.
    """
    found = find(number, root)
    if len(found) > 1:
        raise choose(found)
    return found[0]
