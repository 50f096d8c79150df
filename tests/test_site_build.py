"""사이트의 훅: 지시문을 펼치고, 근거를 잇고, 시간표를 계산하고, 틀린 것은 자리를 짚어 알립니다."""

import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.utils.yaml import yaml_load

from harness.processes import without_coverage
from hooks import cutting, evidence, offline, pitfalls, repository
from hooks.directives import KNOWN, expand
from hooks.pages import ROOT, Place, read_source
from lab import offline as exporting
from lab.site import SiteError

EXAMPLES = ROOT / "examples"
LESSON = """---
title: 첫 수업
teaching: 15
exercises: 10
---

# 첫 수업 { #first }

!!! question "질문"
    - 무엇이 먼저입니까?
    - 다음은 무엇입니까?

<!-- pitfall forged_log_line -->

<!-- pitfall-code forged_log_line -->
"""
TEST = "pitfalls/test_failure_stops_the_rest.py"


def files(**pages: str) -> Files:
    """페이지의 이름과 글로 사이트의 파일을 만듭니다. 이름의 `__`는 `/`입니다."""
    made = []
    for name, text in pages.items():
        file = File(f"{name.replace('__', '/')}.md", None, "/site", use_directory_urls=True)
        file.content_string = text
        made.append(file)
    return Files(made)


def rendered(text: str, page: str = "lessons/01-first.md", all_files: Files | None = None) -> str:
    return expand(text, page, all_files or Files([]))


@pytest.mark.parametrize(
    "file", sorted(EXAMPLES.glob("*/pitfalls/*.py")), ids=lambda file: file.stem
)
def test_each_pitfall_can_be_cut_into_its_broken_and_its_fixed_code(file: Path) -> None:
    source = file.read_text(encoding="utf-8")

    pieces = cutting.cut(source)

    assert set(pieces) == {"broken", "fixed"}
    for side, other in (("broken", "fixed"), ("fixed", "broken")):
        assert f'"/{side}' in pieces[side]
        assert f'"/{other}' not in pieces[side]
        assert [line for line in pieces[side].splitlines() if line not in source.splitlines()] == []
        compile(pieces[side], file.name, "exec")


def test_a_piece_keeps_comments_decorators_and_what_only_that_side_uses() -> None:
    source = """
import os
from fastapi import FastAPI
LIMIT = 5
shared = []
app = FastAPI(lifespan=restart)


def helper():
    return LIMIT


# 왜 이렇게 하는지
@app.post("/broken")  # 첫째
@app.post("/broken/again")
def first():
    return helper(), shared


def restart():
    mend()


def mend(): ...


@app.post("/fixed")
def fixed():
    return mend(), shared


@app.get("/done")
def done():
    return shared
"""

    pieces = cutting.cut(source)

    assert (
        pieces["broken"]
        == """LIMIT = 5


def helper():
    return LIMIT


# 왜 이렇게 하는지
@app.post("/broken")  # 첫째
@app.post("/broken/again")
def first():
    return helper(), shared"""
    )
    assert re.findall(r"^def (\w+)", pieces["fixed"], re.MULTILINE) == ["restart", "mend", "fixed"]


def test_a_function_that_both_sides_run_as_a_command_is_in_both_pieces() -> None:
    source = """
@app.post("/broken")
def broken(): ...


@app.post("/fixed")
def fixed(): ...


def consume(name):
    if name == "fixed":
        return


if __name__ == "__main__":
    consume(sys.argv[1])
"""

    pieces = cutting.cut(source)

    for side in ("broken", "fixed"):
        assert re.findall(r"^def (\w+)", pieces[side], re.MULTILINE) == [side, "consume"]


def test_a_file_without_both_sides_is_shown_whole() -> None:
    assert cutting.cut('@app.post("/broken")\ndef broken(): ...\n') == {}


def test_a_pitfall_takes_its_heading_and_its_symptom_from_the_file() -> None:
    text = rendered("<!-- pitfall called_instead_of_passed -->\n")

    assert text.splitlines()[1:4] == [
        "### `add_task`에 함수를 넘기지 않고 호출하면 응답보다 먼저 실행됩니다"
        " { #called-instead-of-passed }",
        "",
        "**증상.** 응답이 알림에 걸리는 시간만큼 늦고, "
        "응답이 나간 뒤 서버 로그에 `TypeError`가 남습니다.",
    ]


def test_the_code_of_a_pitfall_comes_in_three_tabs_with_its_command() -> None:
    text = rendered("<!-- pitfall-code failure_stops_the_rest -->\n")

    assert "$ uv run lab pitfall failure_stops_the_rest\n" in text
    assert re.findall('=== "(.*)"', text) == ["틀린 코드", "고친 코드", "전체 파일"]
    assert '    --8<-- "examples/02_multiple/pitfalls/failure_stops_the_rest.py"\n' in text


def test_the_index_links_each_pitfall_to_the_page_that_explains_it() -> None:
    all_files = files(lessons__01_first=LESSON)

    text = rendered("<!-- pitfall-index -->\n", "pitfalls.md", all_files)

    linked = "(lessons/01_first.md#forged-log-line) { #forged-log-line }"
    assert text.count(linked) == 1
    for name, pitfall in pitfalls.pitfalls().items():
        assert text.count(f"{{ #{name.replace('_', '-')} }}") == 1
        assert f"$ uv run lab pitfall {name}\n" in text
        assert pitfalls.with_code(pitfall.title.removesuffix(".")) in text


def test_directives_inside_code_are_left_alone() -> None:
    text = (
        "```html\n<!-- pitfall no_such -->\n```\n\n`[근거](test:no.py::x)`와 `<!-- timetable -->`\n"
    )

    assert rendered(text) == text.rstrip("\n")


def test_comments_that_are_no_directives_stay() -> None:
    text = "<!-- 실행하지 않음: 까닭 -->\n<!-- Written By Hand: x y -->"

    assert rendered(text) == text


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("<!-- pitfall no_such_trap -->", "'no_such_trap' 함정이 없습니다"),
        ("<!-- pitfall-code no_such_trap -->", "'no_such_trap' 함정이 없습니다"),
        ("<!-- pitfal forged_log_line -->", "'pitfal' 지시문이 없습니다"),
        ("<!-- pitfall -->", "함정 이름을 하나 적으세요"),
        ("<!-- timetable today -->", "인자를 적지 마세요"),
        ("  <!-- pitfall forged_log_line -->", "들여 쓰지 않습니다"),
        ("[근거](test:no_such_file.py::test_x)", "tests/no_such_file.py 파일이 없습니다"),
        (f"[근거](test:{TEST}::test_x)", "'test_x' 테스트가 없습니다"),
        (f"[근거](test:{TEST})", "'' 테스트가 없습니다"),
    ],
)
def test_a_mistake_stops_the_build_and_names_its_file_and_line(line: str, message: str) -> None:
    with pytest.raises(PluginError) as failure:
        rendered(f"---\ntitle: x\n---\n\n# 제목 {{ #x }}\n\n{line}\n")

    assert str(failure.value).startswith("docs/lessons/01-first.md:7: ")
    assert message in str(failure.value)


def test_an_evidence_link_leads_to_the_source_of_the_test() -> None:
    name = next(iter(evidence.tests_in(TEST)))
    lesson = f"# 수업 {{ #x }}\n\n실행되지 않습니다. [근거](test:{TEST}::{name})\n"
    anchor = evidence.anchor(f"{TEST}::{name}")
    page = evidence.page_of(TEST)

    shown = rendered(lesson)
    listed = rendered("<!-- evidence -->", page, files(lessons__x=lesson))
    others = [
        rendered("<!-- evidence -->", other, files(lessons__x=lesson))
        for other in evidence.PAGES
        if other != page
    ]

    assert f"[근거](../{page}#{anchor}){{ .evidence title=" in shown
    assert f"{{ #{anchor} }}" in listed
    assert f"def {name}(" in listed
    assert "[수업](../lessons/x.md)" in listed
    assert not any(name in other for other in others)


def test_the_source_of_a_test_starts_at_its_first_decorator() -> None:
    source = evidence.tests_in("test_site_build.py")[
        "test_a_mistake_stops_the_build_and_names_its_file_and_line"
    ]

    assert source.startswith("@pytest.mark.parametrize(")
    assert source.endswith("in str(failure.value)")


def test_the_course_table_comes_from_the_lessons() -> None:
    text = rendered("<!-- course-table -->", "index.md", files(**{"lessons__01-x": LESSON}))

    time = "15분&nbsp;+&nbsp;10분"
    row = (
        f"| [첫 수업](lessons/01-x.md) | 무엇이 먼저입니까? | <code>uv run lab 01</code> | {time} |"
    )
    assert row in text.splitlines()


def test_a_lesson_without_its_minutes_stops_the_build() -> None:
    lesson = LESSON.replace("teaching: 15\n", "")

    with pytest.raises(PluginError, match=r"docs/lessons/x\.md의 머리말에 teaching"):
        rendered("<!-- timetable -->", "instructors.md", files(lessons__x=lesson))


def test_a_lesson_may_name_the_command_that_starts_it() -> None:
    lesson = LESSON.replace("exercises: 10", "exercises: 10\nrun: uv run lab 01 --broker rabbitmq")

    text = rendered("<!-- course-table -->", "index.md", files(**{"lessons__01-first": lesson}))

    option = '<span class="option">--broker</span>'
    assert f"| <code>uv run lab 01 {option} rabbitmq</code> |" in text


def test_each_directive_of_the_pages_is_known() -> None:
    for page in sorted((ROOT / "docs").rglob("*.md")):
        source = read_source(page.name, page.read_text(encoding="utf-8"))
        for _, line in source.lines():
            if found := re.fullmatch(r"<!-- ([a-z-]+)(?: \S+)? -->", line.strip()):
                assert found[1] in KNOWN, page


def test_each_pitfall_is_explained_on_one_page_of_its_example() -> None:
    """수업이 아직 하나도 없는 예제의 함정은 뺍니다."""
    for folder in sorted({pitfall.folder.parent for pitfall in pitfalls.pitfalls().values()}):
        pages = sorted((ROOT / "docs" / "lessons").glob(f"{folder.name[:2]}-*.md"))
        text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
        for file in sorted(folder.glob("pitfalls/*.py")) if pages else []:
            for directive in ("pitfall", "pitfall-code"):
                line = f"<!-- {directive} {file.stem} -->"
                assert text.splitlines().count(line) == 1, f"{folder.name}: {line}"


def test_pages_can_be_edited_only_where_the_address_of_the_repository_is_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config = MkDocsConfig()
    config.load_dict({"site_name": "course"})
    config.validate()
    monkeypatch.delenv("REPOSITORY_URL", raising=False)
    assert repository.on_config(config).edit_uri_template is None

    config.theme["features"] = []
    monkeypatch.setenv("REPOSITORY_URL", "https://example.com/course/")
    changed = repository.on_config(config)

    assert changed.edit_uri_template == "https://example.com/course/edit/main/docs/{path}"
    assert changed.theme["features"] == ["content.action.edit"]


def read_settings(name: str) -> dict[str, Any]:
    with (ROOT / name).open(encoding="utf-8") as file:
        return yaml_load(file)


def test_the_offline_site_differs_only_in_what_does_not_work_from_a_file() -> None:
    normal, differing = map(read_settings, ("mkdocs.yml", "mkdocs.offline.yml"))

    for settings in (normal, differing):
        del settings["markdown_extensions"]  # 읽을 때마다 새로 만드는 함수가 들어 있습니다.
    normal["site_url"] = ""
    normal["plugins"]["offline"] = {}
    normal["extra"]["polyfills"] = differing["extra"]["polyfills"]
    normal["theme"]["features"].remove("navigation.instant")
    assert differing == normal
    assert "iframe-worker" in str(differing["extra"]["polyfills"])
    assert all((ROOT / "docs" / file).is_file() for file in differing["extra"]["polyfills"])


def test_the_recordings_become_one_script_for_pages_opened_as_files(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.json").write_text(json.dumps({"name": name}), encoding="utf-8")

    script = offline.script(tmp_path)

    value = script.removeprefix("window.labRecordings = ").rstrip(";\n")
    assert json.loads(value) == {"one": {"name": "one"}, "two": {"name": "two"}}


def test_a_folder_that_is_no_site_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("three years of work")

    with pytest.raises(SiteError, match="비어 있지 않고 사이트도 아닙니다"):
        exporting.export(tmp_path, False, print)

    assert (tmp_path / "thesis.txt").exists()


def test_the_zip_holds_one_folder_that_opens_with_index_html(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def build(root: Path, target: Path, config: str) -> None:
        assert config == "mkdocs.offline.yml"
        (target / "lessons").mkdir(parents=True)
        (target / "index.html").write_text("home")
        (target / "404.html").write_text("only a web server shows it")
        (target / "lessons" / "01.html").write_text("lesson")

    monkeypatch.setattr(exporting, "run_mkdocs", build)
    said: list[str] = []

    exporting.export(tmp_path / "course.zip", True, said.append)

    with zipfile.ZipFile(tmp_path / "course.zip") as archive:
        names = archive.namelist()
    assert names == [f"{exporting.FOLDER}/index.html", f"{exporting.FOLDER}/lessons/01.html"]
    assert "index.html을 브라우저로 여세요" in said[0]


@pytest.mark.whole
def test_the_same_pages_build_with_zensical(tmp_path: Path) -> None:
    """Zensical은 훅을 모르므로 지시문과 근거는 펼치지 못합니다. 페이지를 모두 읽는지만 봅니다."""
    for entry in ROOT.iterdir():
        if entry.name in ("docs", "overrides"):  # 다른 폴더에 있으면 읽지 않습니다.
            shutil.copytree(entry, tmp_path / entry.name)
        elif entry.name in ("examples", "graders", "measurements", "tests"):
            (tmp_path / entry.name).symlink_to(entry)
    shutil.copy(ROOT / "mkdocs.yml", tmp_path)

    # 0.0.73은 CPU를 오래 얻지 못하면 페이지를 다 적지 않고 성공으로 끝냅니다. 먼저 실행되게 합니다.
    first = ["nice", "-n", "-15"] if shutil.which("nice") else []
    command = [*first, sys.executable, "-m", "zensical", "build"]
    result = subprocess.run(
        command, cwd=tmp_path, env=without_coverage(), capture_output=True, text=True, check=False
    )

    assert result.returncode == 0, result.stdout + result.stderr
    for page in (ROOT / "docs").rglob("*.md"):
        name = page.relative_to(ROOT / "docs").with_suffix("").as_posix()
        folder = name.removesuffix("index")
        text = (tmp_path / "site" / folder / "index.html").read_text(encoding="utf-8")
        assert read_source(name, page.read_text(encoding="utf-8")).title in text


def test_places_link_relative_to_their_page() -> None:
    assert Place("lessons/x.md", 1, Files([])).link("evidence.md") == "../evidence.md"
    assert Place("x.md", 1, Files([])).link("lessons/y.md") == "lessons/y.md"
