"""연습마다 처음 파일은 막히고, 답의 보기는 통과하고, 틀린 답은 저마다의 말로 막힙니다."""

import ast
import os
import re
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from harness import korean
from harness.quick_answer import QuickAnswer
from lab.checking import processes, seal
from lab.checking.exercises import KINDS, ROOT, Exercise, exercises
from lab.checking.grading import grade
from lab.checking.tracing import LAB_URL
from lab.checking.trial import said, wanted
from measurements import results
from measurements.exercises import goal_of

EXERCISES = exercises()
NAMES = [exercise.number for exercise in EXERCISES]
LESSONS = sorted({exercise.lesson for exercise in EXERCISES})
RIGHT = [(each, file) for each in EXERCISES for file in each.right_answers]
WRONG = [(each, file) for each in EXERCISES for file in each.wrong_answers]
LONGEST = 60
"""처음 파일의 코드가 가질 수 있는 줄의 수입니다. docstring과 빈 줄은 세지 않습니다."""
every_exercise = pytest.mark.parametrize("exercise", EXERCISES, ids=NAMES)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """답의 프로세스가, 모듈을 미리 읽어 둔 프로세스에서 갈라져 나오게 합니다."""
    monkeypatch.setattr(processes, "LimitedChild", QuickAnswer)


@pytest.mark.whole
@pytest.mark.usefixtures("quick")
@every_exercise
def test_a_starter_falls_short(exercise: Exercise) -> None:
    result = grade(exercise, exercise.starter)

    assert result.state == "short", result


@pytest.mark.whole
@pytest.mark.usefixtures("quick")
@every_exercise
def test_a_solution_passes(exercise: Exercise) -> None:
    result = grade(exercise, exercise.solution)

    assert result.passed, result


@pytest.mark.whole
@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("exercise", "file"), RIGHT, ids=[f"{each.number}-{file.stem}" for each, file in RIGHT]
)
def test_a_right_answer_written_in_another_way_passes_too(exercise: Exercise, file: Path) -> None:
    result = grade(exercise, file)

    assert result.passed, result


class Collector(BaseHTTPRequestHandler):
    """타임라인에 보내는 것을 받기만 하는, 실습 도구의 자리입니다."""

    received: list[str]

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.received.append(self.path)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """아무것도 출력하지 않습니다."""


@pytest.fixture
def traced(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """페이지의 단추로 확인할 때처럼 추적을 켭니다. 받은 요청의 경로를 돌려줍니다."""
    received: list[str] = []
    handler = type("Receiving", (Collector,), {"received": received})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv(LAB_URL, f"http://127.0.0.1:{server.server_port}")
        yield received
        server.shutdown()


@pytest.mark.whole
@every_exercise
def test_a_solution_passes_with_the_button_of_the_page_too(
    exercise: Exercise, traced: list[str]
) -> None:
    """단추는 죽이기 전에 보낼 것을 보내게 하므로, 끝내는 때가 터미널에서와 다릅니다."""
    result = grade(exercise, exercise.solution)

    assert result.passed, result
    assert "/v1/traces" in traced


@pytest.mark.whole
@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("exercise", "file"), WRONG, ids=[f"{each.number}-{file.stem}" for each, file in WRONG]
)
def test_a_wrong_answer_falls_short_with_a_message_of_its_own(
    exercise: Exercise, file: Path
) -> None:
    result = grade(exercise, file)

    assert result.state == "short", result
    assert wanted(exercise, file) in said(result)


@every_exercise
def test_an_exercise_says_what_to_reach_how_long_it_takes_and_how_to_go_on(
    exercise: Exercise,
) -> None:
    assert exercise.kind in KINDS
    assert 5 <= exercise.minutes <= 15
    assert len(exercise.hints) == 3
    assert all(exercise.hints)
    assert exercise.goal.endswith("니다.")
    assert not exercise.title.endswith(".")


@every_exercise
def test_the_words_of_an_exercise_keep_the_rules(exercise: Exercise) -> None:
    about = re.sub(r"(?m)^(목표:?|실행하기: .*|확인하기: .*)$", "", docstring(exercise.starter))
    words = [f"## {exercise.title}", exercise.goal, *exercise.hints, about]

    assert korean.findings("\n\n".join(words)) == []


@every_exercise
def test_the_words_of_a_grader_keep_the_rules(exercise: Exercise) -> None:
    source = (exercise.folder / "grader.py").read_text(encoding="utf-8")

    assert korean.findings("\n\n".join(messages_in(source))) == []


@every_exercise
def test_the_wrong_answers_are_three_or_more_and_each_has_its_message(exercise: Exercise) -> None:
    names = [file.stem for file in exercise.wrong_answers]

    assert len(names) >= 3
    assert sorted(names) == sorted(exercise.wrong)
    assert len(set(exercise.wrong.values())) == len(names)


@every_exercise
def test_a_starter_says_what_to_do_and_how_to_check_it(exercise: Exercise) -> None:
    text = docstring(exercise.starter)

    assert text.startswith(f"연습 {exercise.number}: ")
    assert f"확인하기: uv run lab check {exercise.number}" in text
    assert "TODO" in exercise.starter.read_text(encoding="utf-8")
    assert "TODO" not in exercise.solution.read_text(encoding="utf-8")


@every_exercise
def test_a_starter_fits_on_one_screen(exercise: Exercise) -> None:
    tree = ast.parse(exercise.starter.read_text(encoding="utf-8"))
    first = tree.body[1].lineno
    lines = exercise.starter.read_text(encoding="utf-8").splitlines()[first - 1 :]

    assert sum(bool(line.strip()) for line in lines) <= LONGEST


@every_exercise
def test_a_solution_differs_from_its_starter_only_where_the_starter_says(
    exercise: Exercise,
) -> None:
    assert docstring(exercise.solution) == docstring(exercise.starter)


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_has_three_exercises_of_different_kinds(lesson: str) -> None:
    found = [exercise for exercise in EXERCISES if exercise.lesson == lesson]

    assert len(found) >= 3
    assert len(Counter(exercise.kind for exercise in found)) >= 3
    assert [exercise.number for exercise in found] == [
        f"{lesson[:2]}-{at}" for at in range(1, len(found) + 1)
    ]


def test_every_lesson_has_exercises_and_there_are_two_dozen() -> None:
    folders = sorted(file.parent.name for file in ROOT.glob("examples/*/Procfile"))

    assert folders == LESSONS
    assert len(EXERCISES) >= 24


def test_files_and_index_match() -> None:
    def files(folder: str) -> set[str]:
        return {str(p.relative_to(ROOT / folder)) for p in ROOT.glob(f"{folder}/*/*.py")}

    indexed = {f"{exercise.lesson}{os.sep}{exercise.slug}.py" for exercise in EXERCISES}

    assert files("exercises") == indexed
    assert files("solutions") == indexed
    assert {folder.parent for folder in ROOT.glob("graders/*/*/grader.py")} == {
        exercise.folder for exercise in EXERCISES
    }


def test_the_copies_and_the_prints_are_those_of_the_files() -> None:
    """틀리면 `uv run python -m lab.checking.seal`을 실행하세요. 푼 연습이면 `lab reset`입니다."""
    different = [
        each.path for each in EXERCISES if each.file.read_text() != each.starter.read_text()
    ]
    readme = (ROOT / "exercises/README.md").read_text(encoding="utf-8")

    assert different == []
    assert (ROOT / seal.PRINTS).read_text(encoding="utf-8") == seal.prints_text(EXERCISES)
    assert readme == seal.index_text(readme, EXERCISES)


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_minutes_of_a_page_are_those_of_its_exercises(lesson: str) -> None:
    marker = f"<!-- exercises: {lesson} -->"
    pages = [page.read_text(encoding="utf-8") for page in ROOT.glob("docs/lessons/*.md")]
    [page] = [page for page in pages if marker in page]
    minutes = sum(exercise.minutes for exercise in EXERCISES if exercise.lesson == lesson)

    assert f"\nexercises: {minutes}\n" in page


@every_exercise
def test_an_exercise_was_checked_within_the_time_that_it_may_take(exercise: Exercise) -> None:
    """나란히 실행하는 테스트는 시간을 잴 수 없으므로, 혼자 재어 적어 둔 것을 봅니다."""
    rows = {row["number"]: row for row in results.load("exercises").rows}

    assert rows[exercise.number]["goal"] == goal_of(exercise)
    assert rows[exercise.number]["value"] < goal_of(exercise)


def messages_in(source: str) -> Iterator[str]:
    """채점기가 Short에 적은 문장입니다. 끼워 넣는 값은 낱말 하나로 봅니다."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.keyword) and node.arg in ("seen", "why", "look"):
            match node.value:
                case ast.Constant(value=str() as text):
                    yield text
                case ast.JoinedStr(values=parts):
                    yield "".join(
                        str(part.value) if isinstance(part, ast.Constant) else "`값`"
                        for part in parts
                    )


def docstring(file: Path) -> str:
    """파일의 docstring입니다."""
    return ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
