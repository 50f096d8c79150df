"""슬라이드: 글은 페이지와 같은 말을 하고, 코드와 그림은 파일에서 오고, 마지막 줄에서도 읽힙니다."""

import os
import re
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from harness.browser import Watch, chromium, static_site
from harness.frame import pitfalls_of
from harness.korean import findings
from hooks.timetable import PITFALL
from lab import catalogue, node
from lab.cli import main
from lab.consoles import Block, blocks, commands_in
from lab.demo.speaking import seconds_of
from lab.node import NodeError
from lab.site import ROOT
from lab.slides import building
from lab.slides.building import SlidesError
from lab.slides.decks import DECKS as FOLDER
from lab.slides.decks import DeckError, decks, expand, lesson_minutes

DECKS = decks()
MOST_LINES = 12
"""뒷줄에서 읽을 수 있는 코드의 줄 수입니다."""
LEAST = 10
"""실습에 남겨야 할 시간(분)입니다."""
COMMENT = re.compile(r"<!--\s*(.*?)\s*-->", re.DOTALL)
NOTE = re.compile(r"(함정 )?(\d+)분\. (.+)", re.DOTALL)
NO_NODE = node.INSTALL.splitlines()[0]
MEASURE = """() => [...document.querySelectorAll("section")].flatMap((section, index) => {
  const page = section.getBoundingClientRect();
  const margin = (20 * page.width) / 1280;
  const isOut = (box) => box.width > 0 && (box.left < page.left || box.top < page.top
    || box.right > page.right - margin || box.bottom > page.bottom - margin);
  const out = [...section.querySelectorAll("*")]
    .filter((each) => isOut(each.getBoundingClientRect()))
    .map((each) => `${index + 1}: ${each.tagName} ${each.textContent.slice(0, 40)}`);
  const small = [...section.querySelectorAll("p, li, td, pre, text")]
    .map((each) => [each, parseFloat(getComputedStyle(each).fontSize)])
    .filter(([, size]) => size < 22)
    .map(([each, size]) => `${index + 1}: ${size}px ${each.textContent.slice(0, 40)}`);
  return [...out.slice(0, 3), ...small];
})"""
"""페이지를 넘친 것과, 너무 작은 글자입니다."""


def slides_of(deck: Path) -> list[str]:
    return expand(deck).partition("\n---\n")[2].split("\n---\n")


def notes_of(slide: str) -> list[str]:
    return [each for each in COMMENT.findall(slide) if not each.startswith("_")]


def page_of(deck: Path) -> str:
    """같은 번호의 수업 페이지 가운데 첫째입니다."""
    number = deck.stem.partition("_")[0]
    return min((ROOT / "docs" / "lessons").glob(f"{number}-*.md")).read_text(encoding="utf-8")


def code_of(deck: Path) -> list[Block]:
    return list(blocks(expand(deck)))


by_name = pytest.mark.parametrize("deck", DECKS, ids=lambda deck: deck.stem)


def test_there_is_one_deck_for_each_lesson() -> None:
    assert [deck.stem for deck in DECKS] == [each.name for each in catalogue.examples()]


@by_name
def test_no_slide_has_more_code_than_the_last_row_can_read(deck: Path) -> None:
    too_long = [block.lines for block in code_of(deck) if len(block.lines) > MOST_LINES]

    assert too_long == []


@by_name
def test_python_on_a_slide_comes_from_a_file(deck: Path) -> None:
    pasted = [
        each for each in blocks(deck.read_text(encoding="utf-8")) if each.language != "console"
    ]

    assert pasted == []
    assert any(block.language == "python" for block in code_of(deck))


@by_name
def test_an_output_on_a_slide_is_one_that_the_page_shows(deck: Path) -> None:
    """페이지의 출력은 `uv run lab outputs`가 다시 실행해 확인합니다."""
    shown = [line.strip() for line in page_of(deck).splitlines()]
    for block in code_of(deck):
        if block.language != "console":
            continue
        for command in commands_in(block):
            assert set(filter(None, command.output)) <= set(shown)
            if any(command.output):
                assert f"$ {command.text}" in shown


@by_name
def test_every_slide_but_the_last_has_a_note_with_minutes(deck: Path) -> None:
    *slides, last = slides_of(deck)

    for slide in slides:
        (note,) = notes_of(slide)
        assert NOTE.fullmatch(note), note
    assert notes_of(last) == []
    assert "## 핵심 정리" in last


@by_name
def test_the_minutes_of_the_notes_are_those_of_the_page(deck: Path) -> None:
    notes = [
        found for slide in slides_of(deck) for n in notes_of(slide) if (found := NOTE.match(n))
    ]
    exercise = next(slide for slide in slides_of(deck) if "## 실습" in slide)
    (doing,) = notes_of(exercise)

    assert sum(int(found[2]) for found in notes if not found[1]) == lesson_minutes(deck, ROOT)
    assert int(doing.partition("분")[0]) >= LEAST
    assert sum(int(found[2]) for found in notes if found[1]) == PITFALL


@by_name
def test_the_slides_of_the_teaching_take_as_long_as_the_timetable_says(deck: Path) -> None:
    """시간표에는 확인 문제가 없습니다. 그 슬라이드를 건너뛰면 시간표의 시간과 맞아야 합니다."""
    teaching = [
        int(found[2])
        for slide in slides_of(deck)
        if "## 확인 문제" not in slide and "## 실습" not in slide
        for note in notes_of(slide)
        if (found := NOTE.match(note)) and not found[1]
    ]
    minutes = re.search(r"^teaching: (\d+)$", page_of(deck), re.MULTILINE)

    assert minutes and sum(teaching) == int(minutes[1])


@by_name
def test_a_slide_and_its_note_are_read_aloud_within_their_minutes(deck: Path) -> None:
    """코드와 그림은 소리 내어 읽지 않습니다."""
    for slide in slides_of(deck):
        for note in notes_of(slide):
            found = NOTE.fullmatch(note)
            prose = re.sub(
                r"```.*?```|<figure>.*?</figure>", "", COMMENT.sub("", slide), flags=re.S
            )
            assert found and seconds_of(f"{prose} {found[3]}") <= 60 * int(found[2])


@by_name
def test_the_pitfall_of_a_deck_is_on_the_page_of_its_lesson(deck: Path) -> None:
    text = deck.read_text(encoding="utf-8")
    named = {Path(path).stem for path in re.findall(r"examples/\S+/pitfalls/\S+\.py", text)}

    assert named
    assert named <= set(pitfalls_of(page_of(deck)))


@by_name
def test_the_words_of_a_slide_and_of_its_note_keep_the_rules(deck: Path) -> None:
    text = expand(deck)
    notes = "\n\n".join(found[3] for n in COMMENT.findall(text) if (found := NOTE.fullmatch(n)))

    assert findings(COMMENT.sub("", text)) == []
    assert findings(notes) == []


@pytest.mark.parametrize(
    ("directive", "problem"),
    [
        ("code examples/01_basic/main.py no_such", "no_such이(가) 없습니다. 있는 이름: app"),
        ("code examples/01_basic/no_such.py app", "No such file"),
        ('code examples/01_basic/main.py "write_notification: while"', "'while'로 시작하는"),
        ("recording no-such", "No such file"),
    ],
)
def test_a_directive_that_points_nowhere_is_explained(
    tmp_path: Path, directive: str, problem: str
) -> None:
    deck = tmp_path / "01_basic.md"
    deck.write_text(f"---\nmarp: true\n---\n\n<!-- {directive} -->\n", encoding="utf-8")

    with pytest.raises(DeckError, match=re.escape(problem)):
        expand(deck)


def node_says(folder: Path, version: str) -> str:
    for name in ("node", "npm"):
        file = folder / name
        file.write_text(f"#!/bin/sh\necho {version}\n", encoding="utf-8")
        file.chmod(file.stat().st_mode | stat.S_IEXEC)
    return str(folder)


def test_without_node_the_message_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["lab", "slides"])

    with pytest.raises(SystemExit) as end:
        main()

    assert end.value.code == 1
    shown = capsys.readouterr().out
    assert NO_NODE in shown
    for system in ("Debian", "macOS", "Windows"):
        assert system in shown


def test_an_old_node_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", node_says(tmp_path, "v16.20.2"))

    with pytest.raises(NodeError, match=r"지금 Node\.js는 v16\.20\.2입니다"):
        node.find_node()


def test_marp_that_cannot_be_fetched_shows_what_npm_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\necho no internet; exit 1\n", encoding="utf-8")
    npm.chmod(npm.stat().st_mode | stat.S_IEXEC)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(building, "MARP", tmp_path / "no-such.js")

    with pytest.raises(NodeError, match="인터넷에 연결하세요") as failure:
        building.fetch_marp(lambda _: None)

    assert str(failure.value).endswith("no internet")


def test_an_unknown_deck_is_answered_with_those_that_exist(tmp_path: Path) -> None:
    with pytest.raises(SlidesError, match="있는 슬라이드: 01, 02"):
        building.build(["99"], False, tmp_path, print)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """슬라이드를 모두 HTML로, 하나는 PDF로도 만듭니다."""
    try:
        node.find_node()
    except NodeError as error:
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))
    # 나누어 하는 테스트들이 같은 node_modules에 함께 받으면 서로의 파일을 지웁니다.
    with FileLock(tmp_path_factory.getbasetemp().parent / "marp.lock"):
        building.fetch_marp(lambda _: None)
    folder = tmp_path_factory.mktemp("slides")
    building.build([], False, folder, lambda _: None)
    building.build(["02"], True, folder, lambda _: None)
    return folder


@pytest.mark.whole
@pytest.mark.timeout(240)
def test_every_slide_fits_its_page_and_asks_nothing_of_another_host(built: Path) -> None:
    problems: dict[str, Any] = {}
    with chromium() as browser, static_site(built) as url:
        for deck in DECKS:
            page = browser.new_page(viewport={"width": 1280, "height": 720})
            watch = Watch(page)
            watch.may_fail = ("/favicon.ico",)
            page.goto(f"{url}/{deck.stem}.html")
            page.wait_for_function("document.fonts.ready.then(() => true)")
            assert page.locator("section").count() == len(slides_of(deck))
            problems[deck.stem] = [*page.evaluate(MEASURE), *watch.errors, *watch.foreign]
            page.close()

    assert problems == {deck.stem: [] for deck in DECKS}


@pytest.mark.whole
@pytest.mark.timeout(240)
def test_the_presenter_view_shows_the_note_and_the_handout_is_a_pdf(built: Path) -> None:
    note = next(n for n in notes_of(slides_of(DECKS[1])[0]))
    with chromium() as browser, static_site(built) as url:
        page = browser.new_page()
        page.goto(f"{url}/{DECKS[1].stem}.html?view=presenter")
        page.get_by_text(note[:20]).first.wait_for(state="visible")

    assert (built / "02_multiple.pdf").read_bytes().startswith(b"%PDF")


def test_the_lock_file_pins_every_package_and_names_no_download_address() -> None:
    lock = (FOLDER / "package-lock.json").read_text(encoding="utf-8")

    assert '"resolved"' not in lock
    assert lock.count('"integrity"') == lock.count('    "node_modules/')
