"""Lighthouse의 측정: 잴 페이지를 찾고, 압축해 제공하고, 보고서를 표의 줄로 바꿉니다."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from measurements import lighthouse
from measurements.results import Result


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """페이지가 셋인 사이트입니다."""
    for page in ("", "lessons/01-basic/", "glossary/"):
        file = tmp_path / page / "index.html"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("<p>" + "가나다 " * 1000, encoding="utf-8")
    return tmp_path


def report(accessibility: float) -> dict[str, Any]:
    audits = {name: {"numericValue": 123.4} for name in lighthouse.TIMES.values()}
    return {
        "categories": {
            "accessibility": {"score": accessibility},
            "performance": {"score": 0.97},
        },
        "audits": {**audits, "cumulative-layout-shift": {"numericValue": 0.01234}},
    }


def test_every_page_but_the_first_is_found_in_the_site(site: Path) -> None:
    assert lighthouse.pages_of(site) == ["glossary/", "lessons/01-basic/"]


def test_the_site_is_served_compressed_as_github_pages_does(site: Path) -> None:
    with lighthouse.compressed(site) as address:
        answer = httpx.get(f"{address}/lessons/01-basic/")

    assert answer.headers["content-encoding"] == "gzip"
    assert "가나다" in answer.text


def test_a_report_becomes_a_row_and_only_a_full_accessibility_score_passes() -> None:
    rows = [lighthouse.row_of("", report(1)), lighthouse.row_of("glossary/", report(0.98))]
    result = Result(name="lighthouse", rows=rows, settings={}, quick=True, versions={})

    assert rows[0] == {
        "page": "/",
        "accessibility": 1,
        "performance": 0.97,
        **dict.fromkeys(lighthouse.TIMES, 123),
        "shift": 0.012,
    }
    assert lighthouse.check(result) == ["/glossary/의 접근성 점수가 0.98입니다"]
