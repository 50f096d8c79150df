"""예제의 Swagger UI와 ReDoc은 실습 도구 아래에서 인터넷 없이 열립니다(브라우저: test_widget.py)."""

import re

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from lab import swagger

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
