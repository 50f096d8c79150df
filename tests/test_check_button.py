"""페이지의 "확인하기" 단추: 실습 도구가 연습을 확인하고, 판정과 그동안 일어난 일을 보여 줍니다."""

import os
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx
import psutil
import pytest
from playwright.sync_api import Browser, expect

from harness.browser import Watch, chromium, static_site
from harness.processes import Process
from harness.waiting import wait_until
from lab.checking.exercises import ROOT
from lab.services import free_port
from lab.site import build_site
from test_checker import APP, FOREVER, SOLUTION, is_answer

pytestmark = [
    pytest.mark.whole,
    pytest.mark.skipif(os.name != "posix", reason="심볼릭 링크와 POSIX 시그널을 씁니다"),
]
SECONDS = 40_000
"""기다리는 최대 시간(밀리초)입니다."""
PAGE = "lessons/01-basic/"


class Learner:
    """연습만 복사한 저장소에서 실행하는 실습 도구입니다."""

    def __init__(self, root: Path) -> None:
        for source in ROOT.iterdir():
            if source.name not in ("exercises", ".git", ".progress.json"):
                (root / source.name).symlink_to(source)
        shutil.copytree(ROOT / "exercises", root / "exercises")
        self.file = root / "exercises/01_basic/1_respond_first.py"
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "lab", "--no-browser", "--port", str(port)]
        self.process = Process(command, root, {"PYTHONPATH": str(root)})


@pytest.fixture(scope="module")
def site() -> Path:
    """빌드한 사이트의 폴더입니다."""
    return build_site()


@pytest.fixture
def learner(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Learner]:
    learner = Learner(tmp_path_factory.mktemp("repository"))
    with ExitStack() as stack:
        stack.callback(learner.process.kill)
        stack.callback(learner.process.terminate)
        learner.process.wait_for_line("준비됨: ")
        yield learner


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """모듈이 끝나면 닫습니다. playwright의 이벤트 루프가 다른 테스트와 겹치지 않게 합니다."""
    expect.set_options(timeout=SECONDS)
    with chromium() as browser:
        yield browser


def test_the_button_shows_the_verdict_and_what_happened_meanwhile(
    learner: Learner, browser: Browser
) -> None:
    page = browser.new_page()
    watch = Watch(page)
    page.goto(f"{learner.url}/{PAGE}")
    widget = page.locator('.lab-check[data-exercise="01-1"]')

    widget.get_by_role("button", name="01-1 확인하기").click()
    expect(widget.get_by_role("status").first).to_contain_text("01-1 아직 모자랍니다.")
    expect(widget.locator("dd").first).to_contain_text("초 뒤에 왔고")

    learner.file.write_text(SOLUTION, encoding="utf-8")
    widget.get_by_role("button", name="01-1 확인하기").click()
    expect(widget.get_by_role("status").first).to_contain_text("01-1 통과했습니다.")
    expect(widget.locator("dl")).to_be_hidden()

    widget.locator("summary").first.click()
    card = widget.locator(".lab-card").first
    expect(card).to_contain_text("연습 01-1")
    expect(card).to_contain_text("write_notification")
    # 채점이 끝나면서 서버도 끝나지만, 태스크가 끝난 것까지 보냅니다.
    expect(card).not_to_contain_text("실행 중")
    assert watch.errors == []
    assert watch.foreign == []
    page.close()


def test_the_timeline_shows_what_the_answer_did_and_not_what_the_checker_asked(
    learner: Learner, browser: Browser
) -> None:
    page = browser.new_page()
    page.goto(f"{learner.url}/lessons/05-async/")
    widget = page.locator('.lab-check[data-exercise="05-3"]')

    widget.get_by_role("button", name="05-3 확인하기").click()
    expect(widget.get_by_role("status").first).to_contain_text("05-3 아직 모자랍니다.")
    widget.locator("summary").first.click()

    expect(widget.locator(".lab-card")).to_have_count(7)
    assert [title for title in widget.locator("h4").all_inner_texts() if "GET" in title] == []
    page.close()


def test_a_site_without_the_lab_has_the_command_and_no_button(site: Path, browser: Browser) -> None:
    with static_site(site) as url:
        page = browser.new_page()
        page.goto(f"{url}/{PAGE}")

        expect(page.locator("#exercise-01-1")).to_be_visible()
        expect(page.get_by_text("$ uv run lab check 01-1")).to_be_visible()
        assert page.locator(".lab-check button").count() == 0
        page.close()


def test_one_exercise_is_checked_at_a_time_and_none_outlives_the_lab(learner: Learner) -> None:
    learner.file.write_text(APP.replace("BODY", FOREVER), encoding="utf-8")
    url = f"{learner.url}/lab/check/01-1"

    def press() -> None:
        with suppress(httpx.TransportError):  # 실습 도구가 먼저 끝납니다.
            httpx.post(url, timeout=30)

    threading.Thread(target=press, daemon=True).start()

    def family() -> list[psutil.Process]:
        members = psutil.Process(learner.process.pid).children(recursive=True)
        return members if any(is_answer(each) for each in members) else []

    members = wait_until(family, "답의 서버")
    answer = httpx.post(url, timeout=30)
    learner.process.terminate()

    assert answer.status_code == 409
    assert "다른 연습을 확인하고 있습니다" in answer.json()["detail"]
    wait_until(lambda: not any(each.is_running() for each in members), "남은 프로세스의 끝")
