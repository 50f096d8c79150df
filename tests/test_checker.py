"""채점의 한도: 무엇을 적어 내도 한 문장으로 답하고, 멈추지 않고, 아무것도 남기지 않습니다."""

import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from harness.processes import Process, without_coverage
from lab.checking import web
from lab.checking.exercises import ROOT, find_one
from lab.checking.grading import grade
from lab.checking.source import read
from lab.checking.verdict import Result, Trouble
from lab.services import free_port

APP = """import time
from fastapi import FastAPI
app = FastAPI()

@app.post("/send/{email}")
def send(email: str):
    BODY
    return {}
"""
SOLUTION = (ROOT / "solutions/01_basic/1_respond_first.py").read_text(encoding="utf-8")
FOREVER = "while True: time.sleep(1)"
SLEEP = "import time; time.sleep(300)"


def judge(folder: Path, source: str) -> Result:
    """01-1의 답으로 `source`를 적어 낸 판정입니다."""
    file = folder / "mine.py"
    file.write_text(source, encoding="utf-8")
    return grade(find_one("01-1"), file)


def words(result: Result) -> str:
    return f"{result.seen} {result.why} {result.look}"


def test_a_syntax_error_names_its_line_and_nothing_is_run(tmp_path: Path) -> None:
    result = judge(tmp_path, 'app = 1\nprint("열고 닫지 않음"\n')

    assert result.state == "short"
    assert "2번째 줄의 문법이 틀렸습니다" in result.seen
    assert result.seconds < 0.5


def test_a_file_that_is_not_utf_8_is_told_to_be_saved_again(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_bytes("# 한글".encode("cp949"))

    assert "UTF-8" in words(grade(find_one("01-1"), file))


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("app = " + "1 + " * 100_000 + "1\n", "너무 깊은 식"),
        ("app = " + "-" * 100_000 + "1\n", "너무 깊은 식"),
        ("app = 1\nname = '\0'\n", "2번째 줄에 보이지 않는 글자(NUL)"),
    ],
    ids=["long_sum", "many_signs", "nul"],
)
def test_a_source_that_python_cannot_read_is_not_blamed_on_the_grader(
    tmp_path: Path, source: str, sentence: str
) -> None:
    result = judge(tmp_path, source)

    assert result.state == "short", result
    assert sentence in result.seen


def test_only_the_wrong_part_of_a_very_long_line_is_shown(tmp_path: Path) -> None:
    result = judge(tmp_path, "app = [" + "1, " * 3000 + "2 3" + ", 1" * 3000 + "]\n")

    assert "2 3" in result.seen
    assert len(result.seen) < 150


def test_a_folder_in_the_place_of_the_file_is_named(tmp_path: Path) -> None:
    exercise = replace(find_one("01-1"), root=tmp_path)
    exercise.file.mkdir(parents=True)

    result = grade(exercise)

    assert result.state == "trouble"
    assert "1_respond_first.py 자리에 폴더가 있습니다" in result.seen


def test_a_file_that_may_not_be_read_is_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied")

    file = tmp_path / "mine.py"
    file.touch()
    monkeypatch.setattr(Path, "read_text", refuse)

    with pytest.raises(Trouble, match=r"mine\.py 파일을 읽을 수 없습니다.*권한을 확인하세요"):
        read(file)


@pytest.mark.whole
@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("import fastapi_mail\n" + APP, "'fastapi_mail' 모듈이 없습니다"),
        (APP.replace("app = FastAPI()", "application = FastAPI()\napp = application"), "404"),
        (APP.replace("app = ", "application = ").replace("@app", "@application"), "app이 없습니다"),
        ("import sys\nsys.exit(3)\n" + APP, "준비되기 전에 끝났습니다(종료 코드 3)"),
        ("raise ValueError('값')\n" + APP, "ValueError: 값 (1번째 줄)"),
        ("input()\n" + APP, "input()을 쓸 수 없습니다"),
        (APP.replace("BODY", "import os; os._exit(7)"), "답하다가 끝났습니다(종료 코드 7)"),
        ('print("가" * 10_000_000)\n' + APP, "출력이 1 MB를 넘어"),
        (APP.replace("BODY", 'print("가" * 10_000_000)'), "출력이 1 MB를 넘어"),
    ],
    ids=[
        *("missing_module", "other_path", "no_app", "sys_exit", "crash", "input"),
        *("exit_in_a_request", "ten_megabytes", "ten_megabytes_in_a_request"),
    ],
)
def test_what_goes_wrong_in_the_answer_is_said_in_one_sentence(
    tmp_path: Path, source: str, sentence: str
) -> None:
    if sentence == "404":
        source = source.replace("/send/", "/sent/")

    result = judge(tmp_path, source)

    assert result.state == "short", result
    assert sentence in words(result)


@pytest.mark.whole
def test_a_route_that_fails_is_named_with_its_status(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    solution = (ROOT / "solutions/04_celery/3_across_processes.py").read_text(encoding="utf-8")
    file.write_text(solution.replace("len(packed)}", "no_such_name}"), encoding="utf-8")

    result = grade(find_one("04-3"), file)

    assert result.state == "short"
    assert "JSON이 아닌 것으로 답했습니다. GET /boxes/" in result.seen
    assert ": 500" in result.seen
    assert "NameError" in result.log


@pytest.mark.whole
def test_an_endless_loop_is_noticed_by_the_cpu_it_burns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "BUSY_SECONDS", 2.0)

    result = judge(tmp_path, APP.replace("app = FastAPI()", "while True: pass"))

    assert result.state == "short"
    assert "끝나지 않는 반복" in result.why


@pytest.mark.whole
def test_a_module_that_waits_for_ever_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "START_SECONDS", 3.0)

    result = judge(tmp_path, APP.replace("app = FastAPI()", f"{FOREVER}"))

    assert result.state == "short"
    assert "무언가를 기다리고 있습니다" in result.why


@pytest.mark.whole
def test_a_request_that_is_never_answered_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "REQUEST_SECONDS", 0.5)

    result = judge(tmp_path, APP.replace("BODY", FOREVER))

    assert result.state == "short"
    assert "답이" in result.seen
    assert "오지 않았습니다" in result.seen


@pytest.mark.whole
def test_a_port_in_use_is_named(tmp_path: Path, silent_port: int) -> None:
    line = f"import uvicorn; uvicorn.run(app, port={silent_port})"

    result = judge(tmp_path, APP.replace("app = FastAPI()", f"app = FastAPI()\n{line}"))

    assert result.state == "short", result
    assert f"{silent_port}번 포트를 다른 프로그램이 쓰고 있어" in result.seen


@pytest.mark.whole
def test_a_port_that_someone_took_in_between_is_chosen_again(
    tmp_path: Path, silent_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ports = iter([silent_port])
    monkeypatch.setattr(web, "free_port", lambda: next(ports, None) or free_port())

    assert judge(tmp_path, SOLUTION).passed


@pytest.mark.whole
def test_a_server_started_by_the_answer_is_noticed_at_once(tmp_path: Path) -> None:
    line = f"import uvicorn; uvicorn.run(app, port={free_port()})"

    result = judge(tmp_path, APP.replace("app = FastAPI()", f"app = FastAPI()\n{line}"))

    assert result.state == "short", result
    assert 'if __name__ == "__main__": 아래에 두세요' in result.look
    assert result.seconds < web.START_SECONDS / 2


@pytest.mark.whole
def test_a_leftover_server_does_not_get_in_the_way(tmp_path: Path) -> None:
    file = tmp_path / "answer.py"
    file.write_text(APP.replace("BODY", "pass"), encoding="utf-8")
    command = [sys.executable, "-m", "uvicorn", "answer:app", "--port", str(free_port())]
    leftover = Process(command, tmp_path, without_coverage())
    leftover.wait_for_line("Uvicorn running on")

    result = judge(tmp_path, SOLUTION)

    leftover.kill()
    assert result.passed, result


@pytest.mark.whole
def test_an_answer_leaves_no_file_and_no_process_behind(tmp_path: Path) -> None:
    before = set(tmp_path.iterdir())
    spawn = (
        "import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', 'input()'], stdin=-1)\n"
    )

    result = judge(tmp_path, SOLUTION.replace("import time\n", f"import time\n{spawn}"))

    assert result.passed, result
    assert set(tmp_path.iterdir()) - before == {tmp_path / "mine.py"}
    assert [child for child in psutil.Process().children(recursive=True) if is_answer(child)] == []


def is_answer(process: psutil.Process) -> bool:
    try:
        line = process.cmdline()
    except psutil.Error:
        return False
    return "answer:app" in line or SLEEP in line
