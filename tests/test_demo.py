"""`uv run lab demo`: 대본을 실제 예제로 끝까지 실행하면, 적힌 것과 같은 일이 일어납니다."""

import os
import re
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from rich.console import Console
from rich.text import Text

from harness.korean import wrong_words
from harness.quick_child import QuickChild
from hooks.planning import PITFALL
from lab import catalogue, running
from lab.cli import main
from lab.demo import presenting
from lab.demo.performing import Stage, check
from lab.demo.script import DemoError, Script, Step, program_of, read, scripts, step_of
from lab.demo.speaking import syllables
from lab.services import free_port
from lab.site import ROOT
from lab.stage import WRITTEN
from measurements import results

SCRIPTS = scripts()
QUICK = {
    "TASK_SECONDS": "3",
    "ITEM_SECONDS": "0.2",
    "EMAIL_SECONDS": "0.5",
    "STEP_SECONDS": "0.1",
    "TASK_TIME_LIMIT": "2",
    "COUPON_SECONDS": "0.2",
}
"""시간만 줄입니다. 대본이 확인하는 것은 차례와 내용입니다."""


def perform(script: Script, tmp_path: Path) -> str:
    """예제의 복사본에 대본을 실행하고, 화면에 나온 것을 돌려줍니다."""
    written = shutil.ignore_patterns(*WRITTEN)
    examples = shutil.copytree(catalogue.EXAMPLES, tmp_path / "examples", ignore=written)
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        console = Console(file=nowhere, record=True, width=110, soft_wrap=True)
        presenting.present(script, console, free_port(), False, False, examples)
        return console.export_text()


@pytest.mark.whole
@pytest.mark.timeout(180)
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_a_demo_runs_to_its_surprise_without_a_keyboard(
    script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in QUICK.items():
        monkeypatch.setenv(name, value)

    shown = perform(script, tmp_path)

    for step in script.steps:
        assert step.say in shown
    assert script.surprise in shown
    assert f"[{len(script.steps)}/{len(script.steps)}]" in shown


def test_there_is_one_demo_for_each_lesson() -> None:
    assert [script.name for script in SCRIPTS] == [each.name for each in catalogue.examples()]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_a_demo_ends_with_a_pitfall_of_its_own_lesson(script: Script) -> None:
    pitfall = catalogue.find_pitfall(script.pitfall)
    page = ROOT / "docs" / f"{script.lesson.rstrip('/')}.md"

    assert pitfall.folder.parent.name == script.name
    assert f"<!-- pitfall {script.pitfall} -->" in page.read_text(encoding="utf-8")
    last = [program_of(step) for step in script.steps if program_of(step)][-1]
    assert last == script.pitfall


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_a_demo_fits_into_its_minutes(script: Script) -> None:
    """기계의 시간은 `uv run measure demos`가 혼자 재어 적은 것입니다."""
    rows = {row["name"]: row for row in results.load("demos").rows}

    assert rows[script.name]["title"] == script.title
    assert rows[script.name]["highest"] + script.spoken_seconds <= 60 * script.minutes


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_the_minutes_of_a_demo_are_those_of_the_slide_that_shows_it(script: Script) -> None:
    """함정의 슬라이드에서 하면 함정의 시간, 수업의 슬라이드에서 하면 그 슬라이드의 시간입니다."""
    slides = (ROOT / "slides" / f"{script.name}.md").read_text(encoding="utf-8")
    notes = re.findall(r"<!-- (함정 )?(\d+)분\. ([^>]*)", slides)
    ((trap, minutes, _),) = [note for note in notes if f"lab demo {script.name[:2]}" in note[2]]

    assert script.minutes == (PITFALL if trap else int(minutes))


@pytest.mark.parametrize(
    ("text", "count"),
    [("말합니다.", 4), ("6분 12초", 5), ("`send_email`은", 6), ("PENDING, kill -9", 7), ("", 0)],
)
def test_what_is_spoken_is_counted_in_syllables(text: str, count: int) -> None:
    assert syllables(text) == count


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_every_step_of_a_demo_checks_what_happens(script: Script) -> None:
    unchecked = [step.say for step in script.steps if step.action != "fault" and not step.expect]

    assert unchecked == []
    known = catalogue.programs()
    for step in script.steps:
        name = program_of(step)
        assert not name or name in known, name
        if step.action in ("fault", "hear"):
            process = step.target.split()[-1]
            assert process in known[name].processes


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_what_the_instructor_says_keeps_the_rules(script: Script) -> None:
    for said in [script.surprise, *(step.say for step in script.steps)]:
        assert list(wrong_words(said)) == []
        assert re.search(r"(?:니다|니까|세요)[.?]$", said), said
        assert "!" not in said


SCRIPT = """
title = "시연"
minutes = 3
pitfall = "failure_stops_the_rest"
lesson = "lessons/02-multiple/"
surprise = "놀랍습니다."
"""


@pytest.mark.parametrize(
    ("steps", "problem"),
    [
        ("[[steps]]\nsay = '말합니다.'\n", "가운데 하나를 적으세요"),
        ("[[steps]]\nsay = '말합니다.'\nsend = 'POST'\n", "send을(를) 잘못 적었습니다: 'POST'"),
        ("[[steps]]\nsay = '말합니다.'\nfault = 'break 02 web'\n", "fault을(를) 잘못"),
        ("[[steps]]\ntimeline = true\n", "say이(가) 없습니다"),
        ("steps = 말\n", "형식이 틀렸습니다"),
        ("", "steps이(가) 없습니다"),
    ],
)
def test_a_wrong_script_is_explained_in_korean(tmp_path: Path, steps: str, problem: str) -> None:
    file = tmp_path / "02_multiple.toml"
    file.write_text(SCRIPT + steps, encoding="utf-8")

    with pytest.raises(DemoError, match=re.escape(problem)):
        read(file)


def run_lab(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> object:
    monkeypatch.setattr(sys, "argv", ["lab", *arguments])
    with pytest.raises(SystemExit) as end:
        main()
    return end.value.code


def test_an_unknown_demo_is_answered_with_those_that_exist(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_lab(monkeypatch, "demo", "99") == 1
    assert "'99' 시연이 없습니다. 있는 시연: 01, 02, 03" in capsys.readouterr().out


def test_without_a_keyboard_the_demo_says_how_to_run_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_lab(monkeypatch, "demo", "01") == 1
    assert "--no-wait를 붙이면" in capsys.readouterr().out


def test_the_demos_are_listed_with_their_minutes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_lab(monkeypatch, "demo") == 0
    shown = capsys.readouterr().out
    for script in SCRIPTS:
        assert f"uv run lab demo {script.name[:2]}   {script.title} ({script.minutes}분)" in shown


@pytest.mark.whole
def test_a_step_that_goes_otherwise_says_what_was_seen_and_what_to_show_instead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "Child", QuickChild)
    file = tmp_path / "02_multiple.toml"
    step = "[[steps]]\nsay = '보냅니다.'\nsend = 'POST /failure_stops_the_rest/broken'\n"
    file.write_text(f"{SCRIPT}{step}expect = ['[500]']\n", encoding="utf-8")

    with pytest.raises(DemoError) as failure:
        perform(read(file), tmp_path)

    assert "나와야 할 것이 나오지 않았습니다: '[500]'" in str(failure.value)
    assert "주문을 받았습니다" in str(failure.value)
    assert "기록한 실행을 보이세요: http://127.0.0.1:" in str(failure.value)
    assert "/lessons/02-multiple/" in str(failure.value)


def test_what_must_not_appear_is_noticed_too() -> None:
    data = {"say": "봅니다.", "look": "GET /02_multiple/done", "expect": ["기록"], "absent": ["b"]}
    step = step_of(data, Path("02_multiple.toml"))

    check(step, "기록")
    with pytest.raises(DemoError, match="나오지 않아야 할 것이 나왔습니다: 'b'"):
        check(step, "기록 b")


def test_at_the_keyboard_q_ends_the_demo_and_ctrl_c_too(monkeypatch: pytest.MonkeyPatch) -> None:
    console = Console(file=sys.stdout)
    for answer in ("q", "Q "):
        monkeypatch.setattr(console, "input", lambda *_, answer=answer, **__: answer)
        with pytest.raises(presenting.Quit):
            presenting.pause(console, True, "Enter", "")

    def interrupted(*_: object, **__: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(console, "input", interrupted)
    with pytest.raises(presenting.Quit):
        presenting.pause(console, True, "Enter", "")


class FailsOnce:
    """둘째 걸음이 처음 한 번 되지 않는 무대입니다."""

    url = "http://127.0.0.1:8000"

    def __init__(self) -> None:
        self.done: list[str] = []
        self.failed = False

    def command(self, step: Step) -> str:
        return step.say

    def perform(self, step: Step, _width: int, _block: str) -> list[Text]:
        if step.say == "둘" and not self.failed:
            self.failed = True
            raise DemoError("되지 않았습니다")
        self.done.append(step.say)
        return []


@pytest.mark.parametrize(
    ("typed", "done"),
    [
        (["", "", "", "", ""], ["하나", "둘", "셋"]),
        (["", "", "b", "", "", ""], ["하나", "하나", "둘", "셋"]),
        (["", "", "n", ""], ["하나", "셋"]),
        (["", "b", "", "", "", "", ""], ["하나", "하나", "둘", "셋"]),
    ],
)
def test_at_the_keyboard_a_step_is_repeated_skipped_or_the_one_before_shown_again(
    typed: list[str], done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, answers = FailsOnce(), iter(typed)
    steps = [
        step_of({"say": say, "look": "GET /02_multiple/done"}, Path("02_multiple.toml"))
        for say in ("하나", "둘", "셋")
    ]
    script = replace(SCRIPTS[1], steps=tuple(steps))
    console = Console(file=sys.stdout)
    monkeypatch.setattr(console, "input", lambda *_, **__: next(answers))

    presenting.walk(script, cast(Stage, stage), console, True)

    assert stage.done == done
    assert next(answers, None) is None
