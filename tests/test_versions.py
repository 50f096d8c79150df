"""버전별 동작: 답이 바뀐 버전을 알아보는 코드와, 페이지의 표를 만드는 훅을 확인합니다."""

import sysconfig
from collections.abc import Callable
from dataclasses import replace

import pytest
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import Files

from hooks import versions as pages
from hooks.pages import Place
from measurements import results, versions
from measurements.results import MeasurementError
from measurements.versions import environments
from measurements.versions.behaviours import BEHAVIOURS, in_order

PLACE = Place("measurements/versions.md", 1, Files([]))


def test_every_behaviour_has_an_app_and_every_app_a_behaviour() -> None:
    apps = {file.stem for file in environments.APPS.glob("*.py")} - {"probe", "recorder"}

    assert {behaviour.name for behaviour in BEHAVIOURS} == apps


def test_the_table_is_what_the_recorded_events_say() -> None:
    result = results.load("versions")

    assert [versions.row_of(run) for run in result.samples["runs"]] == result.rows


def test_a_change_is_measured_in_the_release_before_it_and_in_the_release_itself() -> None:
    result = results.load("versions")
    assert versions.check(result) == []

    # 0.105.0을 재지 않았다면 0.106.0에서 바뀌었다고 말할 수 없습니다.
    rows = [row for row in result.rows if row["fastapi"] != "0.105.0"]
    wrong = versions.check(replace(result, rows=rows))

    assert wrong
    assert all("fastapi 0.105.0을 재지 않았습니다" in line for line in wrong)


def test_an_answer_that_is_not_the_known_one_is_told_with_the_release() -> None:
    result = results.load("versions")
    last = {**result.rows[-1], "fastapi": "0.999.0", "upload_in_task": False}

    (wrong,) = versions.check(replace(result, rows=[*result.rows, last]))

    assert "FastAPI 0.999.0" in wrong
    assert "UploadFile" in wrong
    assert "아니요" in wrong


def test_a_full_run_has_at_least_twelve_releases() -> None:
    result = results.load("versions")
    rows = [*result.rows[3:5], *result.rows[7:11], *result.rows[13:15]]

    assert versions.check(replace(result, rows=rows, quick=True)) == []
    (wrong,) = versions.check(replace(result, rows=rows))
    assert "12개 이상" in wrong


@pytest.mark.parametrize(
    ("events", "holds"),
    [
        (["응답 끝", "태스크", "닫기"], True),
        (["닫기", "응답 끝", "태스크"], False),
        (["응답 끝", "닫기"], False),
        ([], False),
    ],
)
def test_an_order_holds_only_if_everything_happened_in_that_order(
    events: list[str], holds: bool
) -> None:
    assert in_order("응답 끝", "태스크", "닫기")(events) is holds


@pytest.mark.whole
@pytest.mark.timeout(120)
def test_the_packages_of_this_project_do_not_reach_the_environment_of_a_release(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PYTHONPATH", sysconfig.get_path("purelib"))

    found = environments.run_in(environments.ENVIRONMENTS[0], ["http_exception"])

    assert found["versions"]["fastapi"] == "0.95.0"
    assert found["events"] == {"http_exception": ["등록", "응답 시작", "응답 끝"]}


@pytest.mark.whole
@pytest.mark.timeout(120)
def test_a_release_that_does_not_exist_ends_with_a_hint() -> None:
    with pytest.raises(MeasurementError, match=r"fastapi==0\.0\.999.*인터넷 연결을 확인하고"):
        environments.run_in(environments.Environment("0.0.999"), ["http_exception"])


def test_releases_with_the_same_answers_share_a_column() -> None:
    heading, _, *rows = pages.matrix("fastapi", PLACE)

    assert "| 0.95.0 – 0.105.0 | 0.106.0 – 0.117.1 | 0.118.0 – 0.120.4 | 0.121.0 – " in heading
    (upload,) = [row for row in rows if "#upload-in-task" in row]
    assert [cell in upload for cell in ("✔ 예", "✘ 아니요", "– 없음")] == [True, True, False]
    (scope,) = [row for row in rows if "#function-scope" in row]
    assert scope.count("– 없음") == 3


def test_a_story_tells_what_happened_in_each_range_of_releases() -> None:
    story = "\n".join(pages.story("dependency_after_task", PLACE))

    assert "| 0.106.0 – 0.117.1 | 열기 → 닫기 → 응답 시작 → 응답 끝 → 태스크 |" in story


@pytest.mark.parametrize(
    ("directive", "argument", "hint"),
    [(pages.matrix, "flask", "fastapi, starlette"), (pages.story, "nothing", "있는 것: ")],
)
def test_an_unknown_name_stops_the_build_and_lists_the_known(
    directive: Callable[[str, Place], list[str]], argument: str, hint: str
) -> None:
    with pytest.raises(PluginError, match=hint):
        directive(argument, PLACE)
