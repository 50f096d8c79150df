"""테스트에 쓰는 실제 Chromium과 정적 사이트 서버."""

import functools
import http.server
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
INSTALL = "Chromium이 없습니다. 설치: sudo apt-get install --no-install-recommends chromium"
OPTIONS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
OWN_SCHEMES = ("data", "blob", "about", "file")


@contextmanager
def chromium() -> Iterator[Browser]:
    """PATH에 있는 Chromium입니다. 없으면 건너뛰고, CI에서는 실패합니다."""
    executable = next(filter(None, map(shutil.which, NAMES)), None)
    if executable is None:
        if os.environ.get("CI"):
            pytest.fail(INSTALL)
        pytest.skip(INSTALL)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=OPTIONS)
        try:
            yield browser
        finally:
            browser.close()


class Watch:
    """페이지에서 난 오류와, 다른 호스트로 간 요청을 모읍니다."""

    def __init__(self, page: Page) -> None:
        self.errors: list[str] = []
        self.foreign: list[str] = []
        self.may_fail: tuple[str, ...] = ()
        """실패했다는 답(404, 500, 503)이 정상인 주소의 끝입니다."""
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        url = message.location.get("url", "")
        expected = self.may_fail and url.endswith(self.may_fail)
        if message.type in ("error", "warning") and not expected:
            self.errors.append(f"{message.text} ({url})")

    def _request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.hostname != "127.0.0.1" and address.scheme not in OWN_SCHEMES:
            self.foreign.append(request.url)


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """요청을 적지 않습니다."""


@contextmanager
def static_site(folder: Path) -> Iterator[str]:
    """폴더를 실습 도구 없이 그대로 제공하고 주소를 알려 줍니다."""
    handler = functools.partial(QuietHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
