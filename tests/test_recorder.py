"""기록: 페이지에 적힌 요청을 실제 예제에 보내 적고, 다시 실행해 달라진 것을 알아냅니다."""

import json
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

from lab import recorder, settling
from lab.borrowing import lab_to_play_in
from lab.playing import Lab, PlayError
from lab.scenarios import Scenario, ScenarioError, find_scenarios
from lab.settling import open_spans, patience, running_tasks

RUN = (
    '<div class="lab-run" data-program="01_basic" data-scenario="notify" data-method="POST"'
    ' data-path="/send-notification/user@example.com" data-body=""></div>\n'
)
COMPARE = (
    '<div class="lab-compare" data-program="failure_stops_the_rest" data-scenario="compare"'
    ' data-broken="/broken" data-fixed="/fixed" data-then="GET /ping"></div>\n'
)


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    (folder / "lessons").mkdir(parents=True)
    return folder


def write(docs: Path, text: str, name: str = "lessons/page.md") -> None:
    (docs / name).write_text(text, encoding="utf-8")


def test_the_scenarios_are_what_the_pages_say(docs: Path) -> None:
    write(docs, f"# 제목\n\n{RUN}\n{COMPARE}")

    notify, broken, fixed = find_scenarios(docs)

    assert notify == Scenario(
        program="01_basic",
        name="01_basic-notify",
        method="POST",
        path="/send-notification/user@example.com",
        body=None,
        then=None,
        meanwhile=None,
        fault=None,
        place="lessons/page.md:3",
    )
    assert (broken.name, broken.path) == ("failure_stops_the_rest-compare-broken", "/broken")
    assert (fixed.name, fixed.path) == ("failure_stops_the_rest-compare-fixed", "/fixed")
    assert fixed.then == "GET /ping"


def test_a_body_in_an_attribute_is_read_as_the_browser_reads_it(docs: Path) -> None:
    write(docs, RUN.replace('data-body=""', 'data-body="{&quot;a&quot;: 1}"'))

    assert find_scenarios(docs)[0].body == '{"a": 1}'


@pytest.mark.parametrize(
    "text",
    [f"```html\n{RUN}```\n", f"    ~~~~\n    ~~~\n{RUN}    ~~~~\n", f"`{RUN.strip()}`\n"],
)
def test_markup_that_a_page_only_shows_as_code_is_not_a_scenario(docs: Path, text: str) -> None:
    write(docs, text)

    assert find_scenarios(docs) == []


def test_the_same_scenario_on_two_pages_is_recorded_once(docs: Path) -> None:
    write(docs, RUN)
    write(docs, RUN, "index.md")

    assert len(find_scenarios(docs)) == 1


def test_two_different_requests_may_not_have_one_name(docs: Path) -> None:
    write(docs, RUN)
    write(docs, RUN.replace("user@example.com", "other@example.com"), "index.md")

    with pytest.raises(ScenarioError, match=r"lessons/page\.md:1: index\.md:1와 이름"):
        find_scenarios(docs)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (RUN.replace("data-path", "data-pth"), r"page\.md:1: lab-run에 data-path"),
        (COMPARE.replace("data-fixed", "data-fix"), "lab-compare에 data-fixed"),
        (RUN.replace('"notify"', '"../notify"'), "이름에는"),
        (RUN.replace('"/send', '"send'), "data-path는 /로 시작해야"),
        (RUN.replace('data-body=""', 'data-fault="worker"'), "data-fault는 'kill worker'처럼"),
    ],
)
def test_a_mistake_in_the_markup_is_named_with_its_place(
    docs: Path, wrong: str, message: str
) -> None:
    write(docs, wrong)

    with pytest.raises(ScenarioError, match=message):
        find_scenarios(docs)


@pytest.mark.whole
def test_a_change_between_the_recording_and_a_fresh_run_is_told(docs: Path) -> None:
    write(docs, RUN)
    folder = docs / "assets" / "recordings"
    folder.mkdir(parents=True)
    (folder / "01_basic-forgotten.json").write_text("{}", encoding="utf-8")
    lines: list[str] = []

    with lab_to_play_in(None) as lab:
        url = str(lab.client.base_url)
        assert recorder.record_scenarios([], lines.append, url, docs=docs) == 0
        (file,) = folder.iterdir()
        recorded = file.read_text(encoding="utf-8")
        recorder.write(file, json.loads(recorded.replace("write_notification", "another_task")))
        lines.clear()
        assert recorder.record_scenarios([], lines.append, url, only_check=True, docs=docs) == 1

    assert lines[0] == "다릅니다: 01_basic-notify (lessons/page.md:1)"
    assert [line for line in lines if "기록에만" in line and "another_task" in line]
    assert [line for line in lines if "지금은" in line and "write_notification" in line]
    recording: dict[str, Any] = json.loads(recorded)
    assert list(recording) == [
        *("recorded", "versions", "machine"),
        *("request", "response", "spans", "faults"),
    ]
    assert recording["response"]["body"] == '{"message":"알림이 전송될 예정입니다"}'
    request, *_, task = recording["spans"]
    assert (request["kind"], task["function"]) == ("SERVER", "write_notification")
    assert request["start"] < request["end"] <= task["start"] < task["end"]


def span(process: str, kind: str, start: float, end: float | None) -> dict[str, Any]:
    common = {"process": process, "kind": kind, "name": kind, "status": "UNSET"}
    return {**common, "start": start, "end": end}


def test_a_recording_goes_on_until_the_task_of_a_killed_worker_has_run_again() -> None:
    request, sent = span("web", "SERVER", 0, 5), span("web", "PRODUCER", 1, 2)
    cut, again = span("worker", "CONSUMER", 3, None), span("worker", "CONSUMER", 90, 99)
    kill = {"process": "worker", "action": "kill", "time": 50}

    alive: dict[str, Any] = {"spans": [request, sent, cut], "faults": []}
    assert running_tasks(alive, "worker") == open_spans(alive) == [cut]
    dead = {**alive, "faults": [kill]}
    assert open_spans(dead) == []
    assert patience(dead) is None
    assert patience({**dead, "spans": [request, sent, cut, again]}) is not None


def test_a_recording_waits_longer_after_a_failure_because_the_task_may_be_tried_again() -> None:
    spans = [span("web", "SERVER", 0, 5), span("web", "PRODUCER", 1, 2)]
    done = span("worker", "CONSUMER", 3, 4)
    failed = {**done, "status": "ERROR"}

    assert patience({"spans": [*spans, done], "faults": []}) == settling.QUIET_SECONDS
    assert patience({"spans": [*spans, failed], "faults": []}) == settling.RETRY_SECONDS
    assert patience({"spans": [*spans, failed, done], "faults": []}) == settling.QUIET_SECONDS


def test_a_request_meanwhile_does_not_wait_for_the_first_response(
    docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(docs, RUN.replace('data-body=""', 'data-meanwhile="GET /ping"'))
    (scenario,) = find_scenarios(docs)
    arrived, pinged = threading.Event(), threading.Event()

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/ping"):
            pinged.set()
        if request.url.path.startswith("/run/01_basic/send"):
            arrived.set()
            return httpx.Response(200, text=f"{pinged.wait(5)}")
        spans = [span("web", "SERVER", 0, 5), span("web", "INTERNAL", 1, 2)]
        spans[1]["name"] = "fastapi.endpoint" if arrived.is_set() else "other"
        return httpx.Response(200, json={"state": "running", "spans": spans, "faults": []})

    monkeypatch.setattr(settling, "QUIET_SECONDS", 0)
    lab = Lab("http://lab", own=False)
    with httpx.Client(base_url="http://lab", transport=httpx.MockTransport(answer)) as lab.client:
        recording = lab.play(scenario)

    assert recording["response"]["body"] == "True"
    waits = [each["name"] for each in recording["spans"] if each["process"] == "browser"]
    assert waits == ["POST /send-notification/user@example.com", "GET /ping"]


def test_times_ids_and_process_numbers_are_not_a_difference() -> None:
    def recording(number: int) -> dict[str, Any]:
        span = {
            "trace_id": f"{number}",
            "span_id": f"{number}",
            "parent_id": None,
            "name": "GET /",
            "kind": "SERVER",
            "program": "x",
            "process": "web",
            "pid": number,
            "start": number,
            "end": number + 1,
            "status": "UNSET",
            "error": None,
            "function": None,
        }
        request = {"method": "GET", "path": "/", "body": None}
        response = {"status": 200, "body": f"{number}", "ms": number}
        return {"request": request, "response": response, "spans": [span], "faults": []}

    assert recorder.difference(recording(1), recording(2)) == []
    unfinished = recording(2)
    unfinished["spans"][0]["end"] = None
    assert recorder.difference(recording(1), unfinished) != []


def test_a_recording_that_is_missing_or_that_no_page_names_is_a_difference(docs: Path) -> None:
    folder = docs / "assets" / "recordings"
    recorder.write(folder / "01_basic-forgotten.json", {})
    lines: list[str] = []

    assert recorder.record_scenarios([], lines.append, only_check=True, docs=docs) == 1
    assert lines[0] == "다릅니다: 01_basic-forgotten은(는) 어느 페이지에도 없습니다"


def test_a_lab_that_does_not_run_and_a_name_that_no_page_has_are_told(docs: Path) -> None:
    write(docs, RUN)

    with pytest.raises(PlayError, match="실행 중인 실습 도구가 없습니다"):
        recorder.record_scenarios([], print, url="http://127.0.0.1:9", docs=docs)
    with pytest.raises(PlayError, match="있는 것: 01_basic-notify"):
        recorder.record_scenarios(["02"], print, docs=docs)
