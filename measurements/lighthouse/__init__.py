"""페이지마다 Lighthouse로 접근성과 데스크톱 성능을 잽니다.

페이지가 많아 오래 걸리고 Node.js가 있어야 하므로 `measure all`에는 넣지 않습니다.
"""

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.progress import Progress

from lab import node
from lab.processes import Child, stop_all, wait_until_ready
from lab.services import accepts, free_port
from lab.site import ROOT, build_site
from measurements import results
from measurements.results import Result

TITLE = "Lighthouse의 점수"
COLUMNS = {
    "page": "페이지",
    "accessibility": "접근성",
    "performance": "성능",
    "first": "첫 내용 (ms)",
    "largest": "가장 큰 내용 (ms)",
    "blocking": "막힌 시간 (ms)",
    "shift": "밀린 정도",
}
GOALS = {"accessibility": 1.0, "performance": 0.95}
TIMES = {
    "first": "first-contentful-paint",
    "largest": "largest-contentful-paint",
    "blocking": "total-blocking-time",
}
FOLDER = Path(__file__).parent
LIGHTHOUSE = FOLDER / "node_modules" / "lighthouse" / "cli" / "index.js"
OPTIONS = [
    *("--preset=desktop", "--only-categories=accessibility,performance", "--quiet"),
    *("--output=json", "--chrome-flags=--headless=new --no-sandbox"),
]
QUICK_PAGES = 2
SECONDS = 30


def measure(*, quick: bool, progress: Progress) -> Result:
    """페이지를 하나씩 엽니다. 처음이면 먼저 Lighthouse를 받습니다.

    Raises:
        NodeError: Node.js가 없거나, Lighthouse를 받거나 실행하지 못했을 때.
    """
    program = node.find_node()
    task = progress.add_task("사이트를 빌드합니다", total=None)
    site = build_site()
    if not LIGHTHOUSE.is_file():
        progress.update(task, description="Lighthouse를 받습니다 (처음 한 번만, 1분쯤)")
        node.install(FOLDER, "Lighthouse")
    pages = ["", *pages_of(site)][: QUICK_PAGES if quick else None]
    progress.update(task, total=len(pages))
    rows = []
    with compressed(site) as address:
        for page in pages:
            progress.update(task, description=f"/{page}", advance=1)
            rows.append(row_of(page, audit(program, f"{address}/{page}")))
    return Result(
        name="lighthouse",
        rows=rows,
        settings={"options": " ".join(OPTIONS), "goals": GOALS, "times": 1},
        quick=quick,
        versions=results.versions(["mkdocs-material"], Lighthouse=version()),
        samples={"performance": [row["performance"] for row in rows]},
    )


def pages_of(site: Path) -> list[str]:
    """사이트의 페이지입니다. 예: "lessons/01-basic/" """
    found = sorted(site.glob("*/**/index.html"))
    return [file.relative_to(site).as_posix().removesuffix("index.html") for file in found]


@contextmanager
def compressed(site: Path) -> Iterator[str]:
    """사이트를 압축해 제공하는 주소입니다."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "measurements.lighthouse.compressed:app"]
    command += ["--port", str(port), "--log-level", "warning"]
    child = Child("site", command, ROOT, {"SITE": str(site)}, lambda _process, _line: None)
    try:
        wait_until_ready(child, lambda: accepts(port), SECONDS)
        yield f"http://127.0.0.1:{port}"
    finally:
        stop_all([child], 5)


def audit(program: str, address: str) -> dict[str, Any]:
    """페이지 하나의 Lighthouse 보고서입니다."""
    with tempfile.TemporaryDirectory(prefix="measure-") as folder:
        report = Path(folder) / "report.json"
        command = [program, str(LIGHTHOUSE), address, *OPTIONS, f"--output-path={report}"]
        node.run(command, FOLDER, "Lighthouse가 페이지를 재지 못했습니다")
        found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
        return found


def row_of(page: str, report: dict[str, Any]) -> dict[str, Any]:
    """표의 한 줄입니다."""
    audits = report["audits"]
    return {
        "page": f"/{page}",
        **{name: report["categories"][name]["score"] for name in GOALS},
        **{name: round(audits[audit]["numericValue"]) for name, audit in TIMES.items()},
        "shift": round(audits["cumulative-layout-shift"]["numericValue"], 3),
    }


def version() -> str:
    """받아 둔 Lighthouse의 버전입니다."""
    file = LIGHTHOUSE.parent.parent / "package.json"
    return str(json.loads(file.read_text(encoding="utf-8"))["version"])


def check(result: Result) -> list[str]:
    """접근성은 모두 만점이어야 합니다. 성능은 컴퓨터에 따라 달라 판정하지 않습니다."""
    return [
        f"{row['page']}의 접근성 점수가 {row['accessibility']}입니다"
        for row in result.rows
        if row["accessibility"] != GOALS["accessibility"]
    ]
