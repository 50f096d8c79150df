"""페이지의 위젯: 요청을 보내고, 응답이 나간 때와 태스크를 그리고, 고장과 기록을 보여 줍니다."""

import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, FloatRect, Locator, Page, expect

from harness.browser import Watch, chromium, static_site
from harness.processes import Process, without_coverage
from lab.services import free_port
from lab.site import build_site
from test_lab import LAB

pytestmark = pytest.mark.whole

SECONDS = 20_000
"""기다리는 최대 시간(밀리초)입니다."""
RECORDING = "01_basic-notify.json"
KILLED = "04_celery-killed.json"
OVERLAPS = """axis => {
  const right = (tick) => {
    const text = document.createRange();
    text.selectNodeContents(tick);
    return text.getBoundingClientRect();
  };
  return [1, 10, 100, 1000, 10000].flatMap((unit) =>
    [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].map((each) => {
      lab.drawAxis(axis, each * unit);
      const ticks = [...axis.children].map(right).filter((box) => box.width > 0);
      return ticks.some((box, at) => at && box.left <= ticks[at - 1].right) ? each * unit : null;
    })
  ).filter(Boolean);
}"""
"""겹치는 눈금의 글이 있는 축의 길이(밀리초)를 모읍니다."""


FRAMES = """root => {
  root.frames = [];
  const look = () => {
    const text = root.querySelector(".lab-status:has(+ .lab-output)").textContent;
    const body = getComputedStyle(root.querySelector(".lab-output")).visibility;
    const bar = root.querySelector('.lab-row[data-kind="request"] .lab-bar');
    const line = root.querySelector(".lab-mark--response");
    const hasLine = Boolean(line);
    const gap = line ? line.getBoundingClientRect().left - bar.getBoundingClientRect().right : 0;
    root.frames.push([hasLine, text.startsWith("응답 200"), body === "visible", Math.abs(gap) < 4]);
    requestAnimationFrame(look);
  };
  look();
}"""
"""화면마다, 응답의 선과 글과 본문이 보이는지와 선이 막대의 끝에 있는지를 모읍니다."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """모듈이 끝나면 닫습니다. playwright의 이벤트 루프가 다른 테스트와 겹치지 않게 합니다."""
    expect.set_options(timeout=SECONDS)
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def lab_url(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """실제 실습 도구의 주소입니다. 02_multiple은 시작하지 못하게 해 두었습니다."""
    port = free_port()
    env = {"EMAIL_SECONDS": "1.5", "STEP_SECONDS": "20", "SMTP_PORT": "not-a-number"}
    folder = tmp_path_factory.mktemp("lab")
    process = Process([*LAB, "--no-browser", "--port", str(port)], folder, env)
    with ExitStack() as stack:
        stack.callback(process.kill)
        stack.callback(process.terminate)
        yield process.wait_for_line("준비됨: ").split()[1]


@pytest.fixture(scope="module")
def built_site() -> Path:
    """빌드한 사이트입니다. mkdocs의 프로세스는 커버리지를 재지 않습니다."""
    with pytest.MonkeyPatch.context() as patch:
        for name in set(os.environ) - set(without_coverage()):
            patch.delenv(name)
        return build_site()


@pytest.fixture
def site(built_site: Path, tmp_path: Path) -> Iterator[str]:
    """실습 도구 없이 제공하는 사이트의 주소입니다. 기록은 테스트가 적은 것과 고장 낸 것뿐입니다."""
    folder = tmp_path / "site"
    shutil.copytree(built_site, folder)
    recordings = folder / "assets" / "recordings"
    killed = (recordings / KILLED).read_bytes()
    shutil.rmtree(recordings)
    recordings.mkdir()
    (recordings / KILLED).write_bytes(killed)
    (recordings / RECORDING).write_text(json.dumps(recording()), encoding="utf-8")
    with static_site(folder) as url:
        yield url


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """새 창입니다. 끝날 때 페이지에 오류도, 다른 호스트로 간 요청도 없어야 합니다."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(SECONDS)
    watch = Watch(page)
    dead = "/run/dead_broker_freezes_the_loop"
    watch.may_fail = (".json", f"{dead}/broken", f"{dead}/fixed")
    yield page
    context.close()
    assert watch.errors == []
    assert watch.foreign == []


def recording() -> dict[str, Any]:
    """5 ms 만에 응답하고 태스크가 1초 걸린 기록입니다. 이름에는 HTML처럼 보이는 글이 있습니다."""

    def span(number: int, start: float, end: float, **changes: Any) -> dict[str, Any]:
        common = {
            "trace_id": "ab" * 16,
            "parent_id": None,
            "program": "01_basic",
            "pid": 7,
            "process": "web",
            "status": "UNSET",
            "error": None,
            "function": None,
        }
        return {**common, "span_id": f"{number:016x}", "start": start, "end": end, **changes}

    name = "<img src=x onerror=alert(1)>"
    return {
        "recorded": "2026-11-24",
        "versions": {"fastapi": "0.165.0", "python": "3.11"},
        "machine": "Linux x86_64, 2 CPU",
        "request": {"method": "POST", "path": "/send-notification/a@example.com", "body": None},
        "response": {"status": 200, "body": '{"message":"ok"}', "ms": 5.2},
        "spans": [
            span(1, 1000, 1005, name="POST /send-notification/{email}", kind="SERVER"),
            span(2, 1005, 2005, name="fastapi.background_task", kind="INTERNAL", function=name),
        ],
        "faults": [],
    }


def widget(page: Page, kind: str, program: str) -> Locator:
    return page.locator(f'.{kind}[data-program="{program}"]')


def send(found: Locator) -> None:
    found.get_by_role("button", name="보내기", exact=True).click()


def rows(found: Locator, kind: str, state: str = "") -> Locator:
    return found.locator(
        f'.lab-row[data-kind="{kind}"]' + (f'[data-state="{state}"]' * bool(state))
    )


def box(found: Locator) -> FloatRect:
    rectangle = found.bounding_box()
    assert rectangle is not None
    return rectangle


def overflow(page: Page) -> int:
    """페이지가 화면보다 넓은 만큼(픽셀)입니다."""
    width: int = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return width


def test_the_response_line_stands_before_the_end_of_the_bar_of_the_task(
    page: Page, lab_url: str
) -> None:
    page.goto(f"{lab_url}/lessons/05-async/")
    found = widget(page, "lab-run", "05_async")
    expect(found.locator(".lab-state")).to_have_text("05_async: 실행 중")

    send(found)
    expect(rows(found, "task", "running")).to_have_count(1)
    expect(found.locator(".lab-status")).to_contain_text("응답 200")
    expect(found.locator(".lab-output").first).to_contain_text("백그라운드에서 전송됩니다")

    expect(rows(found, "task", "ended")).to_have_count(1)
    line = box(found.locator(".lab-mark--response"))
    bar = box(rows(found, "task").locator(".lab-bar"))
    request = box(rows(found, "request").locator(".lab-bar"))
    assert request["x"] < line["x"] <= bar["x"] + 1
    assert line["x"] + 100 < bar["x"] + bar["width"]
    assert found.locator(".lab-label").all_inner_texts()[-1] == "send_email_async"
    expect(found.locator(".lab-sentence").first).to_contain_text(
        re.compile(r"send_email_async\(1\.\d\d초\)")
    )


def test_a_failed_task_is_marked_and_nothing_is_drawn_after_it(page: Page, lab_url: str) -> None:
    page.goto(f"{lab_url}/lessons/02-multiple/")
    found = widget(page, "lab-compare", "failure_stops_the_rest")
    # 페이지를 열면 수업의 예제만 시작하고, 함정은 처음 쓸 때 시작합니다.
    expect(page.locator(".lab-run .lab-state")).to_have_text("02_multiple: 문제가 있음")
    expect(found.locator(".lab-state")).to_have_text("failure_stops_the_rest: 꺼져 있음")

    found.get_by_role("button", name="둘 다 보내기").click()
    expect(found.locator(".lab-status").first).to_have_text("둘 다 끝났습니다.")

    broken, fixed = found.locator(".lab-side--broken"), found.locator(".lab-side--fixed")
    expect(rows(broken, "task")).to_have_count(1)
    expect(rows(broken, "task", "failed")).to_contain_text("✕ ConnectionError")
    expect(broken.locator(".lab-sentence")).to_contain_text("✕ ConnectionError")
    expect(rows(fixed, "task", "ended")).to_have_count(2)
    expect(rows(fixed, "task", "failed")).to_have_count(0)
    axes = found.locator(".lab-axis").evaluate_all("all => all.map(each => each.dataset.length)")
    assert len(axes) == 2
    assert axes[0] == axes[1]


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("lesson", "program"),
    [
        ("05-async", "blocking_call_freezes_everyone"),  # 응답을 받은 다음에 GET /ping
        ("04-celery", "dead_broker_freezes_the_loop"),  # 답을 기다리는 동안에 GET /ping
    ],
)
def test_another_request_is_drawn_as_long_as_the_browser_waited_for_it(
    page: Page, lab_url: str, lesson: str, program: str
) -> None:
    page.goto(f"{lab_url}/lessons/{lesson}/")
    found = widget(page, "lab-compare", program)

    found.get_by_role("button", name="둘 다 보내기").click()
    expect(found.locator(".lab-status").first).to_have_text("둘 다 끝났습니다.", timeout=100_000)

    def waited(side: str) -> float:
        pings = found.locator(f".lab-side--{side} .lab-row").filter(has_text="GET /ping")
        return max(box(bar)["width"] for bar in pings.locator(".lab-bar").all())

    assert waited("broken") > 5 * waited("fixed")


def test_killing_the_worker_leaves_an_open_bar_that_ends_at_the_mark_of_the_fault(
    page: Page, lab_url: str
) -> None:
    page.goto(f"{lab_url}/lessons/04-celery/")
    found, killing = widget(page, "lab-run", "04_celery").all()

    send(found)
    expect(rows(found, "task", "running")).to_have_count(1)
    found.get_by_text("고장 내기").click()
    found.get_by_role("button", name="워커 kill -9").click()

    expect(rows(found, "task", "open")).to_contain_text("끝나지 않음")
    mark = found.locator(".lab-mark--fault")
    expect(mark).to_have_text("워커 kill -9")
    bar = box(rows(found, "task").locator(".lab-bar"))
    assert bar["x"] + bar["width"] == pytest.approx(box(mark)["x"], abs=3)
    expect(found.locator('li[data-process="worker"]')).to_contain_text("멈춤")

    found.get_by_role("button", name="워커 다시 시작").click()
    expect(found.locator(".lab-mark--repair")).to_have_text("워커 다시 시작")
    expect(found.get_by_role("button", name="워커 kill -9")).to_be_focused()

    killing.get_by_role("button", name="보내고 워커 kill -9").click()
    expect(killing.locator(".lab-mark--fault")).to_have_text("워커 kill -9")
    expect(killing.locator(".lab-mark--repair")).to_have_text("워커 다시 시작")
    expect(rows(killing, "task", "open")).to_have_count(1)


def test_a_hundred_requests_are_drawn_as_a_hundred_lanes(page: Page, lab_url: str) -> None:
    page.goto(f"{lab_url}/lessons/01-basic/")
    found = widget(page, "lab-run", "01_basic")

    found.get_by_role("button", name="100번 보내기").click()

    expect(found.locator(".lab-status")).to_have_text("100번 보냈습니다. 응답 200: 100번")
    expect(found.locator('.lab-lane span[data-kind="request"][data-open="false"]')).to_have_count(
        100
    )
    expect(found.locator('.lab-lane span[data-kind="task"][data-open="false"]')).to_have_count(100)
    expect(found.get_by_role("img", name="요청 100개 가운데 100개에")).to_be_visible()


def test_a_hundred_requests_take_the_path_as_one_does_and_accepted_is_no_warning(
    page: Page, lab_url: str
) -> None:
    page.goto(f"{lab_url}/lessons/07-kafka/")
    found = widget(page, "lab-run", "07_kafka").first
    path = found.get_by_role("textbox", name="경로")
    many = found.get_by_role("button", name="100번 보내기")
    expect(found.locator(".lab-state")).to_have_text("07_kafka: 실행 중")

    path.fill("users/?from=수 업")
    many.click()
    status = found.locator(".lab-status").first
    expect(status).to_have_text("100번 보냈습니다. 응답 202: 100번")
    expect(status).to_have_attribute("data-kind", "ok")

    path.fill("/../../lab/programs")
    many.click()
    expect(status).to_contain_text("예제 밖의 경로입니다")


def test_a_program_that_does_not_start_shows_its_last_lines(page: Page, lab_url: str) -> None:
    page.goto(f"{lab_url}/lessons/02-multiple/")
    found = widget(page, "lab-run", "02_multiple")

    expect(found.locator(".lab-status")).to_contain_text("시작하지 못했습니다")
    expect(found.get_by_text("ValueError: invalid literal for int()")).to_be_visible()


def test_everything_works_with_the_keyboard_alone(page: Page, lab_url: str) -> None:
    page.goto(f"{lab_url}/lessons/01-basic/")
    found = widget(page, "lab-run", "01_basic")
    expect(found.get_by_role("button", name="보내기", exact=True)).to_be_visible()

    found.get_by_role("textbox", name="경로").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(rows(found, "task", "ended")).to_have_count(1)
    expect(found.get_by_role("button", name="보내기", exact=True)).to_be_focused()

    tip = found.locator(".lab-tip")
    rows(found, "request").locator(".lab-bar").focus()
    expect(tip).to_contain_text("스팬: POST /send-notification/{email}")
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    for _ in range(rows(found, "part").count() + 1):
        page.keyboard.press("Tab")
    expect(tip).to_contain_text("함수: write_notification")

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    drawn = found.locator(".lab-row").count()
    expect(found.locator("tbody tr")).to_have_count(drawn + 1)  # 응답이 나간 때가 한 줄입니다.
    expect(found.locator("tbody")).to_contain_text("write_notification")


def test_instant_navigation_closes_the_stream_and_keeps_the_widget_working(
    page: Page, lab_url: str
) -> None:
    page.goto(f"{lab_url}/timeline/")
    page.evaluate("window.sameDocument = true")
    expect(page.locator(".lab-timeline .lab-status")).to_contain_text("연결되었습니다")

    # 이 페이지의 연결은 떠날 때까지 스스로 닫히지 않습니다.
    with page.expect_event("requestfailed", lambda request: "/lab/events" in request.url):
        page.get_by_role("link", name="기본 백그라운드 태스크").first.click()
    found = widget(page, "lab-run", "01_basic")
    send(found)
    expect(rows(found, "task", "ended")).to_have_count(1)

    page.go_back()
    expect(page.locator(".lab-timeline .lab-status")).to_contain_text("연결되었습니다")
    assert page.evaluate("window.sameDocument") is True


def test_the_live_timeline_shows_a_request_that_was_not_sent_from_a_page(
    page: Page, lab_url: str
) -> None:
    page.goto(f"{lab_url}/timeline/")
    expect(page.locator(".lab-timeline .lab-status")).to_contain_text("연결되었습니다")

    httpx.post(f"{lab_url}/run/01_basic/send-notification/curl@example.com", timeout=30)

    card = page.locator(".lab-card").filter(has_text="01_basic · POST /send-notification/{email}")
    expect(rows(card.first, "task", "ended")).to_have_count(1)
    expect(card.first.locator(".lab-mark--response")).to_be_visible()

    page.get_by_role("button", name="모두 지우기").click()
    expect(page.locator(".lab-card")).to_have_count(0)


def test_without_the_lab_the_recorded_run_is_shown_and_replayed(page: Page, site: str) -> None:
    page.goto(f"{site}/lessons/01-basic/")
    found = widget(page, "lab-run", "01_basic")

    expect(found.locator(".lab-source")).to_have_text(
        "기록한 실행: 2026-11-24, FastAPI 0.165.0, Python 3.11, Linux x86_64, 2 CPU"
    )
    expect(rows(found, "task", "ended")).to_have_count(1)
    expect(found.get_by_role("button", name="보내기", exact=True)).to_have_count(0)

    found.get_by_role("button", name="다시 보기").click()
    expect(rows(found, "task", "running")).to_have_count(1)
    expect(rows(found, "task", "ended")).to_have_count(1)
    line = box(found.locator(".lab-mark--response"))
    bar = box(rows(found, "task").locator(".lab-bar"))
    assert line["x"] < bar["x"] + bar["width"]

    # 받은 이름은 텍스트로만 보입니다.
    assert "<img src=x" in found.locator(".lab-label").all_inner_texts()[-1]
    expect(found.locator("img")).to_have_count(0)


@pytest.mark.parametrize(
    ("place", "names"),
    [
        (".lab-run", ["01_basic-notify"]),
        (
            ".lab-compare",
            [f"called_instead_of_passed-compare-{side}" for side in ("broken", "fixed")],
        ),
    ],
)
def test_a_replay_shows_the_response_when_its_clock_reaches_it(
    page: Page, site: str, place: str, names: list[str]
) -> None:
    slow = recording()
    slow["spans"][0]["end"] = slow["spans"][1]["start"] = 1900
    page.add_init_script(f"window.labRecordings = {json.dumps(dict.fromkeys(names, slow))}")
    page.goto(f"{site}/lessons/01-basic/")
    found = page.locator(place).first
    expect(rows(found, "task", "ended")).to_have_count(len(names))
    found.evaluate(FRAMES)

    found.get_by_role("button", name="다시 보기").click()
    expect(rows(found, "task")).to_have_count(0)
    expect(rows(found, "task", "ended")).to_have_count(len(names))
    frames: list[list[bool]] = found.evaluate("root => root.frames")

    without = [frame for frame in frames if not frame[0]]
    assert len(without) > 10
    assert {tuple(frame[1:3]) for frame in without} == {(False, False)}
    assert {tuple(frame) for frame in frames if frame[0]} == {(True, True, True, True)}
    assert frames[0][0]
    assert frames[-1][0]


def test_reduced_motion_shows_the_end_of_a_replay_at_once(page: Page, site: str) -> None:
    page.emulate_media(reduced_motion="reduce")
    # file://로 연 페이지는 fetch를 하지 못하므로, 미리 읽어 둔 기록이 있으면 그것을 씁니다.
    read_ahead = {"01_basic-notify": {**recording(), "recorded": "2027-01-01"}}
    page.add_init_script(f"window.labRecordings = {json.dumps(read_ahead)}")
    page.goto(f"{site}/lessons/01-basic/")
    found = widget(page, "lab-run", "01_basic")
    expect(found.locator(".lab-source")).to_contain_text("2027-01-01")

    found.get_by_role("button", name="다시 보기").click()

    assert rows(found, "task", "running").count() == 0
    assert rows(found, "task", "ended").count() == 1


def test_without_the_lab_a_fault_is_shown_and_a_missing_recording_says_what_to_run(
    page: Page, site: str
) -> None:
    page.goto(f"{site}/lessons/04-celery/")
    unrecorded, killed = widget(page, "lab-run", "04_celery").all()
    expect(unrecorded).to_contain_text("uv run lab")

    expect(killed.locator(".lab-mark--fault")).to_have_text("워커 kill -9")
    expect(rows(killed, "task", "open")).to_contain_text("끝나지 않음")
    expect(rows(killed, "task", "ended")).to_have_count(1)

    page.goto(f"{site}/timeline/")
    expect(page.locator(".lab-timeline")).to_contain_text("uv run lab")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_a_phone(page: Page, site: str, scheme: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")

    page.goto(f"{site}/lessons/01-basic/")
    found = widget(page, "lab-run", "01_basic")
    expect(rows(found, "task", "ended")).to_have_count(1)
    found.get_by_text("표로 보기").first.click()
    expect(found.locator("tbody tr").first).to_be_visible()
    rows(found, "task").locator(".lab-bar").hover()

    assert page.locator("body").get_attribute("data-md-color-scheme") == (
        "slate" if scheme == "dark" else "default"
    )
    assert overflow(page) == 0
    assert found.locator(".lab-axis").first.evaluate(OVERLAPS) == []
    for part in found.locator(".lab-bar, .lab-tip, .lab-label, button, input").all():
        rectangle = part.bounding_box()
        assert rectangle is None or rectangle["x"] >= 0
        assert rectangle is None or rectangle["x"] + rectangle["width"] <= 390


def test_without_internet_the_swagger_page_of_an_example_opens_and_calls_it(
    page: Page, lab_url: str
) -> None:
    page.goto(f"{lab_url}/run/01_basic/docs")
    page.get_by_text("/send-notification/{email}").click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_placeholder("email").fill("user@example.com")
    page.get_by_role("button", name="Execute").click()
    expect(page.get_by_text("알림이 전송될 예정입니다").first).to_be_visible()

    page.goto(f"{lab_url}/run/01_basic/redoc")
    expect(page.get_by_role("heading", name="Send Notification")).to_be_visible()
