"""터미널과 슬라이드의 타임라인은 기록을 그대로, 사이트의 위젯과 같은 이름으로 그립니다."""

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from rich.cells import cell_len

from lab.site import ROOT
from lab.timelines import layout
from lab.timelines.layout import timeline_of
from lab.timelines.svg import svg
from lab.timelines.text import draw

RECORDINGS = sorted((ROOT / "docs" / "assets" / "recordings").glob("*.json"))
WIDTH = 90


def read(name: str) -> dict[str, Any]:
    file = ROOT / "docs" / "assets" / "recordings" / f"{name}.json"
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def drawn(name: str) -> list[str]:
    timeline = timeline_of(read(name))
    assert timeline is not None
    return [line.plain for line in draw(timeline, WIDTH)]


@pytest.mark.parametrize("table", ["PROCESSES", "ACTIONS", "PARTS"])
def test_the_names_are_those_of_the_widget(table: str) -> None:
    script = (ROOT / "docs/assets/js/lab/trace.js").read_text(encoding="utf-8")
    body = script.partition(f"const {table} = {{")[2].partition("}")[0]
    pairs = re.findall(r'"?([\w.]+)"?: "([^"]+)"', body)

    assert dict(pairs) == getattr(layout, table)


@pytest.mark.parametrize("file", RECORDINGS, ids=lambda file: file.stem)
def test_every_recording_can_be_drawn_as_text_and_as_a_picture(file: Path) -> None:
    timeline = timeline_of(json.loads(file.read_text(encoding="utf-8")))
    assert timeline is not None

    picture = ElementTree.fromstring(svg(timeline))

    assert len(picture.findall("{*}rect")) == len(timeline.bars)
    title = picture.find("{*}title")
    assert title is not None
    for bar in timeline.bars:
        assert bar.label in (title.text or "")
    for line in draw(timeline, WIDTH)[: len(timeline.bars)]:
        assert cell_len(line.plain) <= WIDTH + 2


def test_a_task_starts_at_the_right_of_the_line_of_the_response() -> None:
    request, *tasks, response, _ = drawn("02_multiple-signup")

    at = cell_len(response.partition("│")[0])
    assert "응답이 나간 때" in response
    assert "POST /users/" in request
    starts = [cell_len(task.partition("█")[0]) for task in tasks]
    assert at <= starts[0] < starts[1]
    assert cell_len(request.partition("█")[0]) < at


def test_a_failed_task_is_marked_and_nothing_follows_it() -> None:
    lines = drawn("failure_stops_the_rest-compare-broken")

    assert any("charge_card" in line and "✕ ConnectionError" in line for line in lines)
    assert not any("write_log" in line for line in lines)


def test_a_killed_task_stays_open_until_the_kill_and_the_fault_is_named() -> None:
    timeline = timeline_of(read("lost_when_killed-killed"))
    assert timeline is not None
    (task,) = [bar for bar in timeline.bars if bar.kind == "task"]

    assert task.open
    assert task.state == "끝나지 않음"
    assert task.end == timeline.faults[0][0]
    assert [label for _, label in timeline.faults] == ["웹 kill -9", "웹 다시 시작"]


def test_the_parts_of_a_request_are_drawn_only_when_asked_for() -> None:
    short, long = (timeline_of(read("01_basic-notify"), parts) for parts in (False, True))
    assert short is not None
    assert long is not None

    assert "경로 처리 함수" not in [bar.label for bar in short.bars]
    assert "경로 처리 함수" in [bar.label for bar in long.bars]


def test_without_a_span_there_is_nothing_to_draw() -> None:
    assert timeline_of({"spans": [], "faults": []}) is None


def test_a_name_from_outside_cannot_end_the_picture() -> None:
    recorded = read("01_basic-notify")
    for span in recorded["spans"]:
        span["name"] = "</svg><script>"
    timeline = timeline_of(recorded)
    assert timeline is not None

    assert "<script>" not in svg(timeline)
