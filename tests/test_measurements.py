"""측정: 적어 둔 결과, 짧은 측정, 그리고 결과를 적고 페이지에 넣는 코드를 확인합니다."""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from dataclasses import fields, replace
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import pytest
import typer
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import Files

from hooks.directives import expand
from hooks.measured import unbroken
from measurements import cli, results
from measurements.results import MeasurementError, Result

ROOT = Path(__file__).parent.parent
PAGES = {file: file.read_text(encoding="utf-8") for file in ROOT.glob("docs/measurements/*.md")}
SHOWN = (*cli.NAMES, "lighthouse", "demos")
"""페이지에 표로 싣는 측정입니다. suite는 이 테스트를 실행해 재므로 여기에서 판단하지 않습니다."""
RECOMPUTED = ("latency", "publish", "outage", "threadpool")
MADE_UP = Result(
    name="made_up",
    rows=[{"kind": "빠른 | 것", "ms": 1.23456, "count": 12345}, {"kind": "느린 것", "ms": 250.7}],
    settings={"rounds": 3},
    quick=False,
    versions={"Python": "3.11.7"},
    samples={"ms": [1.2, 1.3]},
    seconds=12.3,
    machine={"os": "Debian", "cpu": "CPU", "cores": 2, "ram_gb": 8},
    date="2026-01-02",
    title="지어낸 측정",
    columns={"kind": "것", "ms": "시간 (ms)", "count": "개수"},
)


@pytest.fixture
def charts() -> ModuleType:
    """그림을 그리는 모듈입니다. matplotlib은 measurements 그룹에만 있습니다."""
    try:
        from measurements import charts
    except ImportError:
        reason = "matplotlib이 없습니다. 설치: uv sync --group measurements"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return charts


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """결과 파일을 적는 빈 폴더입니다."""
    monkeypatch.setattr(results, "FOLDER", tmp_path)
    return tmp_path


def rendered(text: str) -> str:
    return expand(text, "measurements/made-up.md", Files([]))


@pytest.mark.parametrize("name", SHOWN)
def test_a_committed_result_says_when_where_and_with_what_it_was_measured(name: str) -> None:
    text = results.file_of(name).read_text(encoding="utf-8")
    written = json.loads(text)

    assert written.keys() == {field.name for field in fields(Result)}
    assert written["name"] == name
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", written["date"])
    assert written["machine"].keys() == {"os", "cpu", "cores", "ram_gb"}
    assert "Python" in written["versions"]
    assert written["rows"] and written["settings"]
    assert written["samples"]
    assert not written["quick"], "페이지에는 --quick으로 잰 결과를 싣지 않습니다"
    assert len(text.encode()) <= results.LARGEST_FILE
    assert str(ROOT) not in text and str(Path.home()) not in text


@pytest.mark.parametrize("name", SHOWN)
def test_a_committed_result_has_the_expected_shape(name: str) -> None:
    module = cli.find(name)
    result = results.load(name)

    assert module.check(result) == []
    assert (result.title, result.columns) == (module.TITLE, module.COLUMNS)


@pytest.mark.parametrize("name", RECOMPUTED)
def test_the_table_of_a_committed_result_is_computed_from_its_samples(name: str) -> None:
    result = results.load(name)
    samples = result.samples["rounds"] if name == "threadpool" else result.samples

    assert cast(Any, cli.find(name)).summary(samples) == result.rows


@pytest.mark.parametrize("name", RECOMPUTED)
def test_a_committed_result_was_measured_with_the_settings_of_the_code(name: str) -> None:
    full = cast(Any, cli.find(name)).FULL
    settings = results.load(name).settings

    assert {key: settings[key] for key in full} == json.loads(json.dumps(full))


def test_everything_was_measured_within_half_an_hour() -> None:
    assert sum(results.load(name).seconds for name in cli.NAMES) <= 30 * 60


@pytest.mark.parametrize("name", [*SHOWN, "suite"])
def test_a_measurement_is_shown_on_one_page_beside_the_command_that_repeats_it(name: str) -> None:
    shown = [text for text in PAGES.values() if re.search(f"<!-- measurement:? {name} -->", text)]

    assert len(shown) == 1
    assert f"$ uv run measure {name}\n" in shown[0]


@pytest.mark.whole
def test_a_quick_run_has_the_expected_shape_and_writes_nothing() -> None:
    """시간을 재는 것은 다른 테스트와 함께 돌릴 수 없어, `.ci/run`이 테스트 뒤에 따로 잽니다."""
    before = results.file_of("scale").stat().st_mtime_ns
    command = [sys.executable, "-m", "measurements", "scale", "--quick"]
    run = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert results.file_of("scale").stat().st_mtime_ns == before


def test_what_cannot_be_measured_does_not_stop_the_rest(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tried = []

    def run(name: str, quick: bool) -> Result:
        tried.append(name)
        raise MeasurementError("브로커가 없습니다")

    monkeypatch.setattr(cli, "run", run)
    monkeypatch.setattr(cli, "NAMES", ("one", "two"))

    with pytest.raises(typer.Exit) as end:
        cli.measure_all(quick=True)

    assert end.value.exit_code == 1
    assert tried == ["one", "two"]
    assert "one: 브로커가 없습니다" in capsys.readouterr().out


def test_a_saved_result_is_read_back_unchanged(folder: Path) -> None:
    file = results.save(MADE_UP)

    assert file.parent == folder
    assert results.load("made_up") == MADE_UP


def test_a_result_that_would_fill_the_repository_is_refused(folder: Path) -> None:
    with pytest.raises(MeasurementError, match="samples를 줄여"):
        results.save(replace(MADE_UP, samples={"ms": [0.1] * 250_000}))

    assert list(folder.iterdir()) == []


def test_a_missing_or_broken_result_names_the_command_that_writes_it(folder: Path) -> None:
    with pytest.raises(MeasurementError, match="uv run measure made_up"):
        results.load("made_up")
    (folder / "made_up.json").write_text("{", encoding="utf-8")
    with pytest.raises(MeasurementError, match="다시 재세요: uv run measure made_up"):
        results.load("made_up")


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, "–"),
        (True, "예"),
        (12345, "12,345"),
        (0.04567, "0.0457"),
        (98.76, "98.8"),
        (1234.5, "1,234"),
        ("글", "글"),
    ],
)
def test_a_number_is_written_with_the_digits_that_mean_something(value: Any, cell: str) -> None:
    assert results.written(value) == cell


def test_a_page_shows_the_table_its_conditions_and_its_settings(folder: Path) -> None:
    results.save(MADE_UP)

    page = rendered("# 제목 { #x }\n\n<!-- measurement made_up -->\n")

    assert "| 것 | 시간 (ms) | 개수 |\n| --- | ---: | ---: |" in page
    assert "| 빠른 &#124; 것 | 1.23 | 12,345 |\n| 느린 것 | 251 | – |" in page
    assert "2026-01-02, Debian, CPU 2코어, 8 GB. Python 3.11.7." in page
    assert 'href="../assets/measurements/made_up.json"' in page
    assert "`rounds`: `3`" in page


def test_a_unit_and_a_count_are_not_broken_into_two_lines() -> None:
    assert unbroken(["넣기 (개/초)", "메모리 (바이트/개)", "200: 3140", "07-2", "GET /docs"]) == [
        "넣기 (개/&NoBreak;초)",
        "메모리 (바이트/&NoBreak;개)",
        "200:&nbsp;3140",
        "07-&NoBreak;2",
        "GET /docs",
    ]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("<!-- measurement made_up -->", "실행하세요: uv run measure made_up"),
        ("<!-- measurement -->", "측정 이름을 하나 적으세요"),
        ("<!-- measurement-chart made_up -->", "측정 이름과 그림 이름을 하나씩 적으세요"),
        ("<!-- measurement-chart made_up wait -->", "made_up-wait.svg 그림이 없습니다"),
    ],
)
def test_a_page_without_its_measurement_is_not_built(folder: Path, line: str, message: str) -> None:
    with pytest.raises(PluginError, match=re.escape(message)):
        rendered(f"# 제목 {{ #x }}\n\n{line}\n")


@pytest.mark.whole
def test_a_chart_takes_its_colours_from_the_page_and_can_be_read_aloud(
    charts: ModuleType, folder: Path
) -> None:
    figure, axes = charts.chart("제목", "설명 <1>", x="가로", y="세로")
    with charts.styled():
        for number in range(3):
            axes.plot([0, 1], [number, 1], label=f"계열 {number}")
    charts.legend(figure)

    svg = charts.as_svg(figure, "made_up-wait")

    assert set(re.findall(r"(?:fill|stroke): ([^;\"]+)", svg)) == {
        *("currentColor", "none", "var(--chart-1)", "var(--chart-2)", "var(--chart-3)"),
    }
    assert '<title id="made_up-wait-title">제목</title>' in svg
    assert "설명 &lt;1&gt;</desc>" in svg
    assert ">계열 2</text>" in svg
    assert "<style" not in svg and "\n\n" not in svg
    assert not re.search(r'(?:id="|#)(?!made_up-wait-)', svg)


@pytest.mark.whole
def test_the_same_result_draws_the_same_file(charts: ModuleType) -> None:
    def drawn() -> str:
        figure, axes = charts.chart("제목", "설명", x="가로", y="세로")
        axes.plot([0, 1], [0, 1])
        svg: str = charts.as_svg(figure, "x")
        return svg

    assert drawn() == drawn()


def test_every_chart_has_an_id_of_its_own() -> None:
    ids = Counter(
        found
        for file in results.FOLDER.glob("*.svg")
        for found in re.findall(r'\bid="([^"]+)"', file.read_text(encoding="utf-8"))
    )

    assert [each for each, count in ids.items() if count > 1] == []
