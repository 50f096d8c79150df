"""측정: 적어 둔 결과의 모양, 짧은 측정, 그리고 결과를 판단하는 코드를 확인합니다."""

import json
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from measurements import cli, results

ROOT = Path(__file__).parent.parent
MEMBERS = {field.name for field in fields(results.Result)}


@pytest.mark.parametrize("name", cli.NAMES)
def test_a_committed_result_says_when_where_and_with_what_it_was_measured(name: str) -> None:
    text = results.file_of(name).read_text(encoding="utf-8")
    written = json.loads(text)

    assert set(written) == MEMBERS
    assert written["name"] == name
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", written["date"])
    assert set(written["machine"]) == {"os", "cpu", "cores", "ram_gb"}
    assert "Python" in written["versions"]
    assert written["rows"]
    assert not written["quick"], "쪽에는 --quick으로 잰 결과를 싣지 않습니다"
    assert len(text.encode()) <= results.LARGEST_FILE
    assert str(Path.home()) not in text


@pytest.mark.parametrize("name", cli.NAMES)
def test_a_committed_result_has_the_expected_shape(name: str) -> None:
    module = cli.find(name)
    result = results.load(name)

    assert module.check(result) == []
    assert result.title == module.TITLE
    assert result.columns == module.COLUMNS


@pytest.mark.whole
@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", cli.NAMES)
def test_a_quick_run_has_the_expected_shape(name: str) -> None:
    command = [sys.executable, "-m", "measurements", name, "--quick"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8")

    assert run.returncode == 0, run.stdout + run.stderr
