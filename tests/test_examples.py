"""모든 예제와 함정이 지키는 약속."""

import ast
import re
import shutil
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from conftest import EXAMPLES
from harness.processes import PythonModule
from lab import catalogue

FILES = sorted(EXAMPLES.glob("*/*.py"))
PITFALLS = sorted(EXAMPLES.glob("*/pitfalls/*.py"))
EXAMPLE_FOLDERS = sorted(EXAMPLES.glob("*/"))
LONGER = {"04_celery": 80, "06_rq": 80, "07_kafka": 80}


def name_of(path: Path) -> str:
    return str(path.relative_to(EXAMPLES))


@pytest.mark.parametrize("file", [*FILES, *PITFALLS], ids=name_of)
def test_a_file_fits_on_one_screen(file: Path) -> None:
    lines = file.read_text(encoding="utf-8").splitlines()

    assert len(lines) <= LONGER.get(file.parent.name, 60)


@pytest.mark.parametrize("file", [*FILES, *PITFALLS], ids=name_of)
def test_a_file_imports_nothing_from_the_rest_of_the_repository(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    local = {path.stem for path in EXAMPLES.rglob("*.py")} | {"lab", "tests", "harness"}
    neighbours = {path.stem for path in file.parent.glob("*.py")} if file in FILES else set()

    assert imported & local <= neighbours


@pytest.mark.parametrize("folder", EXAMPLE_FOLDERS, ids=name_of)
def test_an_example_has_what_a_learner_needs(folder: Path) -> None:
    for name in ("main.py", "Procfile", "README.md", "pitfalls"):
        assert (folder / name).exists()


@pytest.mark.parametrize("file", PITFALLS, ids=name_of)
def test_a_pitfall_says_what_goes_wrong_and_how_to_run_it(file: Path) -> None:
    title, symptom, processes = catalogue.docstring(file).split("\n\n")

    assert re.fullmatch(r"함정: .+니다\.", title)
    assert symptom.startswith("증상: ")
    assert catalogue.processes_in(processes)["web"].startswith(f"uvicorn {file.stem}:app")


@pytest.mark.parametrize("file", PITFALLS, ids=name_of)
def test_a_pitfall_has_both_halves_and_a_test(file: Path) -> None:
    source = file.read_text(encoding="utf-8")

    assert re.search(r'\("/broken[/"]', source)
    assert re.search(r'\("/fixed[/"]', source)
    assert (Path(__file__).parent / "pitfalls" / f"test_{file.stem}.py").exists()


def test_there_are_at_least_26_pitfalls() -> None:
    assert len(PITFALLS) >= 26


def assert_fastapi_dev_serves(target: str, cwd: Path, processes: ExitStack) -> None:
    server = PythonModule(["fastapi", "dev", target, "--port", "0", "--no-reload"], cwd)
    processes.callback(server.kill)

    address = re.search(r"http://[\d.:]+", server.wait_for_line("Uvicorn running on"))
    assert address is not None
    assert httpx.get(f"{address.group()}/openapi.json").status_code == 200


@pytest.mark.parametrize("folder", EXAMPLE_FOLDERS, ids=name_of)
def test_a_folder_copied_elsewhere_runs_by_itself(
    folder: Path, tmp_path: Path, processes: ExitStack
) -> None:
    copy = tmp_path / "elsewhere"
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("__pycache__"))

    assert_fastapi_dev_serves("main.py", copy, processes)


@pytest.mark.parametrize("name", ["03_dependencies", "04_celery", "06_rq", "07_kafka"])
def test_an_example_with_two_modules_runs_from_the_root(name: str, processes: ExitStack) -> None:
    assert_fastapi_dev_serves(f"examples/{name}/main.py", EXAMPLES.parent, processes)
