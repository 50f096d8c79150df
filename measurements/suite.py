"""테스트 전체가 끝나는 데 걸리는 시간을 잽니다. 오래 걸리므로 `measure all`에는 넣지 않습니다."""

import tempfile
import time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from rich.progress import Progress

from lab.processes import Child, resolve, stop_all
from lab.site import ROOT
from measurements import results
from measurements.results import MeasurementError, Result

TITLE = "테스트 전체"
COLUMNS = {
    "tests": "테스트 (개)",
    "skipped": "건너뛴 것 (개)",
    "failed": "실패한 것 (개)",
    "seconds": "걸린 시간 (초)",
    "goal": "목표 (초)",
}
GOAL = "90 미만"
COMMAND = "pytest"
QUICK = "pytest tests/test_readme.py"
LONGEST_SECONDS = 1800


def measure(*, quick: bool, progress: Progress) -> Result:
    """README의 명령대로 테스트를 실행하고, pytest가 적은 보고서를 읽습니다.

    Raises:
        MeasurementError: 테스트가 보고서를 남기지 못했을 때.
    """
    command = QUICK if quick else COMMAND
    progress.add_task("테스트를 실행합니다", total=None)
    with tempfile.TemporaryDirectory(prefix="measure-") as folder:
        report = Path(folder) / "report.xml"
        started = time.monotonic()
        child = Child(
            "pytest",
            [*resolve(command), f"--junit-xml={report}"],
            ROOT,
            {"CI": ""},
            lambda _process, _line: None,
        )
        try:
            ended = child.wait(LONGEST_SECONDS)
        finally:
            stop_all([child], 10)
        seconds = time.monotonic() - started
        if not ended or not report.exists():
            raise MeasurementError("\n".join(["테스트를 마치지 못했습니다.", *child.last_lines]))
        row = read(report.read_text(encoding="utf-8"))
    return Result(
        name="suite",
        rows=[{**row, "seconds": round(seconds, 1), "goal": GOAL}],
        settings={"command": f"uv run {command}"},
        quick=quick,
        versions=results.versions(["pytest", "pytest-xdist"]),
    )


def read(report: str) -> dict[str, Any]:
    """JUnit 형식의 보고서에서 테스트의 수를 셉니다."""
    suites = list(ElementTree.fromstring(report).iter("testsuite"))

    def total(*names: str) -> int:
        return sum(int(suite.get(name, "0")) for suite in suites for name in names)

    return {
        "tests": total("tests"),
        "skipped": total("skipped"),
        "failed": total("failures", "errors"),
    }


def check(result: Result) -> list[str]:
    """실패한 테스트가 없어야 합니다."""
    failed = sum(row["failed"] for row in result.rows)
    return [f"테스트 {failed}개가 실패했습니다. uv run pytest를 실행해 보세요"] if failed else []
