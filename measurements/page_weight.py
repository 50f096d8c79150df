"""사이트를 빌드하는 시간과, 브라우저가 페이지 하나를 열 때 받는 바이트를 잽니다."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from lab.processes import Child, stop_all, wait_until_ready
from lab.services import accepts, free_port
from lab.site import ROOT, run_mkdocs

if TYPE_CHECKING:
    from playwright.sync_api import Page, Request

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
SECONDS = 30


def seconds_to_build(target: Path) -> float:
    """사이트를 `target`에 빌드하는 데 걸린 시간(초)입니다."""
    started = time.monotonic()
    run_mkdocs(ROOT, target)
    return time.monotonic() - started


@contextmanager
def static_server(site: Path) -> Iterator[str]:
    """빌드한 사이트를 압축하지 않고 그대로 제공하는 주소입니다."""
    port = free_port()
    command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"]
    child = Child("site", command, site, {}, lambda _process, _line: None)
    try:
        wait_until_ready(child, lambda: accepts(port), SECONDS)
        yield f"http://127.0.0.1:{port}"
    finally:
        stop_all([child], 5)


def kilobytes_of_pages(site: Path, pages: list[str]) -> list[float]:
    """페이지마다, 처음 여는 브라우저가 글꼴과 스크립트까지 받는 크기(kB)입니다.

    이 컴퓨터에 Chromium이나 playwright가 없으면 빈 목록입니다.
    """
    chromium = next(filter(None, map(shutil.which, CHROMIUM)), None)
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return []
    if chromium is None:
        return []
    with static_server(site) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        found = []
        for page_address in pages:
            # 페이지마다 새로 만들어, 앞의 페이지가 받은 것을 다시 쓰지 않게 합니다.
            context = browser.new_context()
            page = context.new_page()
            found.append(kilobytes_received(page, f"{address}/{page_address}"))
            context.close()
        browser.close()
    return found


def kilobytes_received(page: Page, address: str) -> float:
    """페이지를 열고, 받은 응답 본문의 크기를 모두 더합니다(kB)."""
    requests: list[Request] = []

    def notice(request: Request) -> None:
        requests.append(request)

    page.on("requestfinished", notice)
    page.goto(address, wait_until="networkidle")
    return sum(request.sizes()["responseBodySize"] for request in requests) / 1000
