"""`uv run lab rescue 03`: 막힌 사람을 장이 시작하는 상태로 옮기고, 아무것도 잃지 않습니다."""

import shutil
import sys
import zipfile
from datetime import datetime
from pathlib import Path

import pytest

from lab import rescue as rescue_module
from lab import workshop
from lab.checking.exercises import exercises
from lab.checking.session import next_exercise
from lab.cli import main
from lab.originals import ARCHIVE, NoOriginalsError, originals
from lab.rescue import RescueError, plan, rescue
from lab.site import ROOT

NOW = datetime(2026, 1, 31, 9, 30)
ASIDE = "aside/2026-01-31_093000"


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """나누어 준 꾸러미처럼, git 없이 처음 파일의 복사본만 있는 과정입니다."""
    root = tmp_path_factory.mktemp("course")
    written = shutil.ignore_patterns("__pycache__", "*.txt", "*.db", "*.db-*", "*.jsonl", "*.kept*")
    for name in ("examples", "solutions", "graders"):
        shutil.copytree(ROOT / name, root / name, ignore=written)
    for exercise in exercises(root):
        exercise.file.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(exercise.starter, exercise.file)
    with zipfile.ZipFile(root / ARCHIVE, "w") as archive:
        for file in sorted((root / "examples").rglob("*")):
            if file.is_file():
                archive.write(file, file.relative_to(root).as_posix())
    return root


@pytest.fixture
def course(fresh: Path, tmp_path: Path) -> Path:
    return shutil.copytree(fresh, tmp_path / "course")


def snapshot(root: Path) -> dict[str, bytes]:
    return {
        file.relative_to(root).as_posix(): file.read_bytes()
        for file in sorted(root.rglob("*"))
        if file.is_file()
    }


def run(number: str, root: Path) -> list[str]:
    lines: list[str] = []
    rescue(number, lines.append, root, NOW)
    return lines


def test_after_a_rescue_the_next_exercise_is_one_of_that_lesson(course: Path) -> None:
    assert next_number(course) == "01-1"

    run("03", course)

    assert next_number(course) == "03-1"


def next_number(root: Path) -> str:
    found = next_exercise(exercises(root))
    assert found is not None
    return found.number


def of_lesson(root: Path, number: str) -> list[str]:
    return [each.path for each in exercises(root) if each.number.startswith(f"{number}-")]


def test_a_learner_who_did_nothing_yet_gets_the_answers_of_the_lessons_before(course: Path) -> None:
    lines = run("03", course)

    for exercise in exercises(course):
        before = exercise.number[:2] < "03"
        wanted = exercise.solution if before else exercise.starter
        assert exercise.file.read_bytes() == wanted.read_bytes(), exercise.path
    assert any("답의 보기로" in line and "exercises/01_basic/" in line for line in lines)
    assert lines[-1].endswith("uv run lab 03")


def test_what_the_learner_wrote_is_kept_byte_for_byte(course: Path) -> None:
    mine = {
        "examples/01_basic/main.py": "raise SystemExit  # 제 코드입니다\n",
        "examples/03_dependencies/database.py": "broken(\n",
        of_lesson(course, "01")[0]: "# 풀던 것\n",
        of_lesson(course, "03")[0]: "# 이 장에서 풀던 것\n",
        "examples/01_basic/log.txt": "user@example.com: 환영합니다!\n",
        "examples/03_dependencies/items.db": "데이터베이스",
    }
    for path, text in mine.items():
        (course / path).write_text(text, encoding="utf-8")
    first = originals(course)

    lines = run("03", course)

    for path, text in mine.items():
        assert (course / ASIDE / path).read_text(encoding="utf-8") == text
    assert (course / "examples/01_basic/main.py").read_bytes() == first["examples/01_basic/main.py"]
    assert not (course / "examples/01_basic/log.txt").exists()
    assert not (course / "examples/03_dependencies/items.db").exists()
    assert any(f"{ASIDE}/" in line for line in lines)


def test_the_lessons_after_and_the_learners_own_new_files_are_left_alone(course: Path) -> None:
    own = {
        "examples/04_celery/main.py": "# 04장에서 고친 것\n",
        "examples/04_celery/notes.txt": "메모\n",
        of_lesson(course, "04")[0]: "# 먼저 풀어 본 것\n",
        "examples/01_basic/my_own.py": "x = 1\n",
    }
    for path, text in own.items():
        (course / path).write_text(text, encoding="utf-8")

    run("03", course)

    for path, text in own.items():
        assert (course / path).read_text(encoding="utf-8") == text


def test_a_deleted_file_comes_back(course: Path) -> None:
    (course / "examples/02_multiple/main.py").unlink()
    shutil.rmtree(course / "exercises/01_basic")

    run("02", course)

    assert plan("02", course) == []
    assert (course / "examples/02_multiple/main.py").is_file()


def test_a_second_rescue_changes_nothing(course: Path) -> None:
    run("03", course)
    before = snapshot(course)

    lines = run("03", course)

    assert "바꾼 것이 없습니다" in lines[0]
    assert snapshot(course) == before


def test_a_line_ending_that_git_changed_is_not_a_change_of_the_learner(course: Path) -> None:
    run("02", course)
    file = course / "examples/01_basic/main.py"
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))

    assert plan("02", course) == []


def test_in_the_repository_the_first_files_come_from_git() -> None:
    found = originals(ROOT)

    assert "examples/01_basic/main.py" in found
    assert all(path.startswith(("examples/", "exercises/")) for path in found)
    assert not any(path.endswith((".txt", ".db")) for path in found)


def test_without_git_and_without_a_copy_it_says_what_to_do(course: Path) -> None:
    (course / ARCHIVE).unlink()

    with pytest.raises(NoOriginalsError, match="다시 받고, 고친 파일만 옮기세요"):
        run("03", course)


def test_a_file_that_another_program_holds_is_named(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_: object) -> None:
        raise PermissionError(13, "다른 프로그램이 쓰고 있습니다")

    monkeypatch.setattr(rescue_module, "apply", locked)

    with pytest.raises(RescueError, match="실습 도구와 편집기를 닫고"):
        run("03", course)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["rescue", "99"], "'99' 예제가 없습니다"),
        (["rescue", "03"], "실습 도구가 켜져 있습니다. Ctrl+C로 끝낸 다음"),
    ],
)
def test_a_rescue_that_cannot_be_done_is_answered_in_korean(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.setattr(workshop, "lab_is_running", lambda _: arguments[1] == "03")
    monkeypatch.setattr(sys, "argv", ["lab", *arguments])

    with pytest.raises(SystemExit) as end:
        main()

    assert end.value.code == 1
    assert message in capsys.readouterr().out
