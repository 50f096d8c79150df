"""연습의 명령: 한 번에 한 가지 할 일을 말하고, 배우는 사람의 것을 지우지 않습니다."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from harness.processes import Process, without_coverage
from harness.waiting import wait_until
from lab.checking import session
from lab.checking.exercises import ROOT, UnknownExerciseError, find, find_one
from lab.checking.grading import grade
from lab.checking.progress import Progress
from lab.originals import ARCHIVE
from test_checker import APP, FOREVER, SOLUTION, is_answer

pytestmark = pytest.mark.whole


class Course:
    """연습 하나짜리 저장소의 복사본과, 거기에서 실행하는 명령입니다."""

    def __init__(self, root: Path) -> None:
        self.root = root
        shutil.copytree(ROOT / "lab", root / "lab", ignore=shutil.ignore_patterns("__pycache__"))
        for folder in ("exercises", "solutions", "graders"):
            shutil.copytree(ROOT / folder / "01_basic", root / folder / "01_basic")
        shutil.copy(ROOT / "graders/checksums.txt", root / "graders")
        self.file = root / "exercises/01_basic/1_respond_first.py"
        self.grader = root / "graders/01_basic/1_respond_first/grader.py"

    def run(self, *arguments: str, said: str = "", **variables: str) -> tuple[int, str]:
        """`lab 인자…`를 실행한 종료 코드와 출력입니다. `said`는 물음에 입력할 글입니다."""
        run = subprocess.run(
            [sys.executable, "-m", "lab", *arguments],
            cwd=self.root,
            env={**without_coverage(), "PYTHONUTF8": "1", **variables},
            input=said.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=50,
            check=False,
        )
        return run.returncode, run.stdout.decode("utf-8", errors="replace")

    def start(self, *arguments: str) -> Process:
        """`lab 인자…`를 시작합니다."""
        environment = {"PYTHONPATH": str(self.root)}
        return Process([sys.executable, "-m", "lab", *arguments], self.root, environment)

    def solve(self) -> None:
        self.file.write_text(SOLUTION, encoding="utf-8")

    def quick(self) -> None:
        """서버를 시작하지 않고 통과하는 채점기로 바꾸고, 지문도 다시 적습니다."""
        self.grader.write_text(
            "from lab.checking import Short\n\n\ndef grade(answer):\n"
            "    if 'TODO' in answer.source:\n"
            "        raise Short('TODO가 남았습니다.', '아직 고치지 않았습니다.')\n",
            encoding="utf-8",
        )
        code = "from lab.checking import seal, exercises as e; from pathlib import Path; "
        code += "Path(seal.PRINTS).write_text(seal.prints_text(e.exercises()))"
        subprocess.run([sys.executable, "-c", code], cwd=self.root, check=True)

    @property
    def progress(self) -> dict[str, dict[str, object]]:
        data: dict[str, dict[str, object]] = json.loads((self.root / ".progress.json").read_text())
        return data


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return Course(tmp_path / "course")


@pytest.fixture
def quick(course: Course) -> Course:
    course.quick()
    return course


def test_a_check_says_one_thing_to_do_next(course: Course) -> None:
    code, output = course.run("check", "01-1")

    assert code == 1
    assert output.startswith("아직  01-1 먼저 응답하기")
    assert output.count("uv run lab") == 1
    assert "막히면: uv run lab hint 01-1" in output

    course.solve()
    code, output = course.run("check", "1-1")

    assert code == 0
    assert output.startswith("통과  01-1 먼저 응답하기")
    assert "다음: 01-2" in output
    assert "\x1b[" not in output


def test_the_next_exercise_is_one_of_the_same_lesson_if_any_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def next_after(number: str, *solved: str) -> str:
        progress = Progress(Path("unused"), solved=dict.fromkeys(solved, "2026-11-24"))
        monkeypatch.setattr(session, "read_progress", lambda _: progress)
        found = session.next_exercise(after=find_one(number))
        return found.number if found else ""

    assert next_after("05-1", "05-1") == "05-2"
    assert next_after("05-2", "05-1", "05-2", "05-3", "05-4") == "01-1"


def test_a_check_without_a_number_takes_the_first_unsolved_exercise(quick: Course) -> None:
    assert "아직  01-1" in quick.run("check")[1]

    quick.solve()
    assert quick.run("check")[0] == 0

    assert quick.progress["solved"].keys() == {"01-1"}
    assert quick.progress["tries"] == {"01-1": 2}
    assert "다음: 01-2" in quick.run("next")[1]


def test_a_lesson_is_checked_without_running_what_nobody_has_touched(quick: Course) -> None:
    quick.solve()

    code, output = quick.run("check", "01")

    assert code == 1
    assert "통과  01-1" in output
    assert output.count("시작 전") == 3
    assert "다음: 01-2" in output


def test_hints_come_one_at_a_time_and_are_counted(quick: Course) -> None:
    shown = [quick.run("hint", "01-1")[1] for _ in range(4)]

    assert [output.count("힌트 ") for output in shown] == [1, 2, 3, 3]
    assert "하나 더: uv run lab hint 01-1" in shown[0]
    assert "uv run lab solution 01-1" in shown[2]
    assert quick.progress["hints"] == {"01-1": 3}


def test_a_reset_keeps_the_file_of_the_learner_aside(quick: Course) -> None:
    starter = quick.file.read_text(encoding="utf-8")
    quick.solve()

    code, output = quick.run("reset", "01-1", said="n\n")
    assert code == 1
    assert quick.file.read_text(encoding="utf-8") == SOLUTION
    assert "그대로 두었습니다" in output

    code, output = quick.run("reset", "01-1", said="y\n")
    assert code == 0
    assert quick.file.read_text(encoding="utf-8") == starter
    [kept] = quick.root.glob("aside/*/exercises/01_basic/1_respond_first.py")
    assert kept.read_text(encoding="utf-8") == SOLUTION
    assert kept.relative_to(quick.root).as_posix() in output

    assert "이미 처음 파일과 같습니다" in quick.run("reset", "01-1")[1]


def test_changed_examples_are_put_back_without_git_and_kept_aside(quick: Course) -> None:
    example = quick.root / "examples" / "01_basic" / "main.py"
    example.parent.mkdir(parents=True)
    with zipfile.ZipFile(quick.root / ARCHIVE, "w") as archive:
        archive.writestr("examples/01_basic/main.py", "app = 1\n")
        archive.writestr("exercises/01_basic/1_respond_first.py", "처음 파일\n")
    example.write_text("app = 2\n", encoding="utf-8")
    mine = quick.file.read_text(encoding="utf-8")

    code, output = quick.run("reset", "examples", said="n\n")
    assert (code, example.read_text(encoding="utf-8")) == (1, "app = 2\n")
    assert "고친 파일: examples/01_basic/main.py" in output

    code, output = quick.run("reset", "examples", "--yes")
    assert (code, example.read_text(encoding="utf-8")) == (0, "app = 1\n")
    (kept,) = quick.root.glob("aside/*/examples/01_basic/main.py")
    assert kept.read_text(encoding="utf-8") == "app = 2\n"
    assert quick.file.read_text(encoding="utf-8") == mine
    assert "예제는 모두 처음 파일과 같습니다" in quick.run("reset", "examples")[1]


def test_a_reset_that_cannot_ask_changes_nothing(quick: Course) -> None:
    quick.solve()

    code, output = quick.run("reset", "01-1")

    assert code == 1
    assert "--yes" in output
    assert quick.file.read_text(encoding="utf-8") == SOLUTION


def test_a_deleted_starter_is_named_and_can_be_brought_back(quick: Course) -> None:
    quick.file.unlink()

    code, output = quick.run("check", "01-1")
    assert code == 1
    assert "exercises/01_basic/1_respond_first.py 파일이 없습니다" in output
    assert "uv run lab reset 01-1" in output

    assert quick.run("reset", "01-1")[0] == 0
    assert "TODO" in quick.file.read_text(encoding="utf-8")


def test_an_edited_grader_is_noticed_and_its_verdict_is_not_recorded(quick: Course) -> None:
    quick.grader.write_text("def grade(answer):\n    pass\n", encoding="utf-8")

    _, output = quick.run("check", "01-1")

    assert "저장소에 있던 것과 다릅니다" in output
    assert "진도에 적지 않았습니다" in output
    assert not (quick.root / ".progress.json").exists()


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("def grade(answer:\n", "SyntaxError"),
        ("def grade(answer):\n    return answer.nothing\n", "grader.py 2번째 줄에서 멈추었습니다"),
        ("", "grade 함수가 없습니다"),
    ],
)
def test_a_broken_grader_is_not_blamed_on_the_answer(
    quick: Course, source: str, sentence: str
) -> None:
    quick.grader.write_text(source, encoding="utf-8")

    code, output = quick.run("check", "01-1")

    assert code == 1
    assert output.startswith("멈춤")
    assert sentence in output
    assert "Traceback" not in output
    assert "Trouble" not in output


def test_a_grader_that_never_ends_is_stopped(tmp_path: Path) -> None:
    course = Course(tmp_path / "course")
    source = "import threading\n\ndef grade(answer):\n    threading.Event().wait()\n"
    course.grader.write_text(source, encoding="utf-8")
    exercise = find_one("01-1", course.root)

    result = grade(exercise, seconds=0.3)

    assert result.state == "trouble"
    assert result.seen == "채점이 0.3초 안에 끝나지 않아 멈추었습니다"


def test_the_progress_is_drawn_with_a_box_for_each_exercise(quick: Course) -> None:
    quick.solve()
    quick.run("check", "01-1")

    code, output = quick.run("progress")

    assert code == 0
    assert re.search(r"01_basic +■□□□ +1/4", output)
    assert "다음: 01-2" in output


def test_a_progress_file_that_cannot_be_read_is_kept_beside_a_new_one(quick: Course) -> None:
    (quick.root / ".progress.json").write_text("{", encoding="utf-8")

    assert quick.run("progress")[0] == 0

    assert (quick.root / ".progress.broken.json").read_text(encoding="utf-8") == "{"


def test_a_verdict_is_shown_even_if_the_progress_cannot_be_written(quick: Course) -> None:
    (quick.root / ".progress.json").mkdir()
    quick.solve()

    code, output = quick.run("check", "01-1")
    assert code == 0
    assert output.startswith("통과  01-1")
    assert output.count("진도를 적지 못했습니다: .progress.json (") == 1
    assert "Traceback" not in output

    assert "진도를 적지 못했습니다" in quick.run("hint", "01-1")[1]
    assert [file.name for file in quick.root.glob(".progress*")] == [".progress.json"]


def test_a_reset_that_cannot_write_is_told_in_a_sentence(quick: Course) -> None:
    quick.solve()
    (quick.root / "aside").touch()

    code, output = quick.run("reset", "01-1", "--yes")

    assert code == 1
    assert "1_respond_first.py 파일을 되돌리지 못했습니다" in output
    assert "Traceback" not in output
    assert quick.file.read_text(encoding="utf-8") == SOLUTION


@pytest.mark.parametrize(
    "name", ["1-1", "exercises/01_basic/1_respond_first.py", "1_respond_first", "FILE"]
)
def test_an_exercise_is_found_by_its_number_and_its_file(quick: Course, name: str) -> None:
    code, output = quick.run("check", name.replace("FILE", str(quick.file)))

    assert code == 1
    assert output.startswith("아직  01-1")


def test_a_lesson_is_found_without_its_zero_and_a_name_of_two_is_asked_about() -> None:
    assert [each.number for each in find("1")] == ["01-1", "01-2", "01-3", "01-4"]

    with pytest.raises(UnknownExerciseError, match="고르세요: 01-4, 04-4"):
        find("4_survive_the_kill")


def test_a_narrow_terminal_gets_the_progress_without_a_table(quick: Course) -> None:
    output = quick.run("progress", COLUMNS="20")[1]

    assert "01_basic\n  □□□□  0/4" in output


def test_a_solution_is_shown_only_when_solved_or_asked_twice(quick: Course) -> None:
    code, output = quick.run("solution", "01-1", said="n\n")
    assert code == 1
    assert "add_task" not in output
    assert "uv run lab hint 01-1" in output

    assert "add_task(write_notification" in quick.run("solution", "01-1", said="y\n")[1]

    quick.solve()
    quick.run("check", "01-1")
    assert "add_task(write_notification" in quick.run("solution", "01-1")[1]


@pytest.mark.parametrize(
    ("number", "sentence"),
    [("01-9", "01의 연습: 01-1, 01-2"), ("99", "장: 01_basic"), ("없음", "장: 01_basic")],
)
def test_an_unknown_number_is_told_the_known_ones(
    quick: Course, number: str, sentence: str
) -> None:
    code, output = quick.run("check", number)

    assert code == 1
    assert sentence in output
    assert "Traceback" not in output


def test_a_hint_needs_one_exercise(quick: Course) -> None:
    code, output = quick.run("hint", "01")

    assert code == 1
    assert "연습 하나를 고르세요: 01-1, 01-2" in output


@pytest.mark.parametrize("command", ["progress", "next", "hint"])
def test_a_console_of_korean_windows_shows_every_line(quick: Course, command: str) -> None:
    number = ["01-1"] if command == "hint" else []
    console = {"PYTHONIOENCODING": "cp949", "PYTHONUTF8": "0", "PYTHONLEGACYWINDOWSSTDIO": "1"}

    run = subprocess.run(
        [sys.executable, "-m", "lab", command, *number],
        cwd=quick.root,
        env={**without_coverage(), **console},
        capture_output=True,
        check=False,
    )

    assert run.returncode == 0, run.stderr
    assert "01-1" in run.stdout.decode("cp949")
    assert "?" not in run.stdout.decode("cp949")


def test_a_character_the_console_lacks_becomes_a_question_mark(quick: Course) -> None:
    source = "from lab.checking import Short\n\n\ndef grade(answer):\n"
    source += "    raise Short('출력이 \\U0001f680입니다.', '까닭입니다.')\n"
    quick.grader.write_text(source, encoding="utf-8")

    code, output = quick.run("check", "01-1", PYTHONIOENCODING="cp949", PYTHONUTF8="0")

    assert code == 1
    assert "Traceback" not in output


def test_a_terminal_gets_colours(quick: Course) -> None:
    _, output = quick.run("check", "01-1", FORCE_COLOR="1")

    assert "\x1b[1;33m아직\x1b[0m" in output


def test_a_terminal_that_wants_no_colour_gets_no_style_at_all(quick: Course) -> None:
    _, output = quick.run("check", "01-1", FORCE_COLOR="1", NO_COLOR="1")

    assert "아직  01-1" in output
    assert "\x1b[" not in output


@pytest.mark.skipif(os.name != "posix", reason="가짜 터미널(pty)을 씁니다")
def test_only_a_terminal_is_told_that_the_check_is_running(quick: Course) -> None:
    import pty

    ours, theirs = pty.openpty()
    environment = {**without_coverage(), "TERM": "xterm"}
    command = [sys.executable, "-m", "lab", "check", "01-1"]
    subprocess.run(
        command, cwd=quick.root, env=environment, stdout=theirs, stderr=theirs, check=False
    )
    os.close(theirs)
    shown = b""
    with suppress(OSError):  # 리눅스는 반대쪽이 닫히면 EIO를 냅니다.
        while piece := os.read(ours, 4096):
            shown += piece
    os.close(ours)

    assert "확인하는 중" in shown.decode()
    assert "확인하는 중" not in quick.run("check", "01-1")[1]


def test_a_saved_file_is_checked_again(quick: Course) -> None:
    watch = quick.start("watch")
    watch.wait_for_line("파일을 저장하면 확인합니다")

    # 지켜보기 시작하는 때를 알 수 없으므로, 알아챌 때까지 다시 저장합니다.
    def saved_and_seen() -> bool:
        quick.solve()
        return "통과  01-1" in watch.output

    try:
        wait_until(saved_and_seen, "저장한 파일의 판정")
        assert "저장됨: exercises/01_basic/1_respond_first.py" in watch.output
        watch.send_signal(signal.SIGINT)
        assert watch.wait() == 130
    finally:
        watch.kill()
    assert "멈추었습니다" in watch.output
    assert "Traceback" not in watch.output


@pytest.fixture
def stuck(course: Course) -> Iterator[tuple[Process, list[psutil.Process]]]:
    """답을 기다리는 채점과, 그 채점이 시작한 프로세스입니다."""
    course.file.write_text(APP.replace("BODY", FOREVER), encoding="utf-8")
    checker = course.start("check", "01-1")

    def family() -> list[psutil.Process]:
        members = psutil.Process(checker.pid).children(recursive=True)
        ready = any(is_answer(each) and each.net_connections() for each in members)
        return members if ready else []

    yield checker, wait_until(family, "답의 서버")
    checker.kill()


@pytest.mark.skipif(os.name != "posix", reason="POSIX 시그널을 씁니다")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL, signal.SIGTERM])
def test_no_process_outlives_the_checker(
    stuck: tuple[Process, list[psutil.Process]], number: signal.Signals
) -> None:
    checker, family = stuck

    checker.send_signal(number)
    code = checker.wait()

    assert code == (130 if number == signal.SIGINT else -number)
    wait_until(lambda: not any(each.is_running() for each in family), "남은 프로세스의 끝")
    if number == signal.SIGINT:
        assert "멈추었습니다" in checker.output
        assert "Traceback" not in checker.output
