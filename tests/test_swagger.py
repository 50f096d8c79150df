"""예제의 Swagger UI와 ReDoc은 실습 도구 아래에서 인터넷 없이 열립니다."""

import re

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from playwright.sync_api import expect

from harness.browser import Watch, chromium
from lab import swagger
from lab.playing import lab_to_play_in

LOADED = re.compile(r'(?:src|href)="([^"]*)"')


@pytest.mark.parametrize("path", ["docs", "redoc"])
def test_a_page_loads_nothing_from_another_host(path: str) -> None:
    page = TestClient(FastAPI()).get(f"/{path}").text
    assert any(url.startswith("https://") for url in LOADED.findall(page))

    loaded = LOADED.findall(swagger.rewrite_html(page))

    assert len(loaded) >= 2
    for url in loaded:
        content, _ = swagger.asset(url.removeprefix("/lab/assets/"))
        assert content


@pytest.mark.parametrize("path", ["docs", "docs/", "redoc"])
def test_the_pages_to_rewrite_are_known_by_their_path(path: str) -> None:
    assert swagger.is_page(path)
    assert not swagger.is_page(f"items/{path}")


@pytest.mark.parametrize(
    ("name", "media_type"),
    [("swagger-ui.css", "text/css"), ("swagger-ui-bundle.js", "text/javascript")],
)
def test_a_file_is_served_with_its_media_type(name: str, media_type: str) -> None:
    assert swagger.asset(name)[1] == media_type


def test_redoc_does_not_load_its_logo_from_another_host() -> None:
    content, _ = swagger.asset("redoc.standalone.js")

    assert b"cdn.redoc.ly" not in content


@pytest.mark.parametrize("name", ["no-such-file.js", "../core.py", ""])
def test_no_other_file_is_served(name: str) -> None:
    with pytest.raises(FileNotFoundError):
        swagger.asset(name)


def test_without_internet_both_pages_open_and_try_it_out_calls_the_example() -> None:
    with lab_to_play_in(None) as lab, chromium() as browser:
        page = browser.new_page(base_url=str(lab.client.base_url))
        watch = Watch(page)
        page.goto("/run/01_basic/docs")
        page.get_by_text("/send-notification/{email}").click()
        page.get_by_role("button", name="Try it out").click()
        page.get_by_placeholder("email").fill("user@example.com")
        page.get_by_role("button", name="Execute").click()
        expect(page.get_by_text("알림이 전송될 예정입니다").first).to_be_visible()
        page.goto("/run/01_basic/redoc")
        expect(page.get_by_role("heading", name="Send Notification")).to_be_visible()

    assert watch.foreign == []
    assert watch.errors == []
