"""README에 적힌 명령은 적힌 대로 실행되고, 적힌 출력을 냅니다."""

import re
import subprocess
from functools import partial
from pathlib import Path

import pytest

from conftest import EXAMPLES, Serve, StartWorker
from harness.services import Mailbox, Valkey
from harness.waiting import wait_until

ROOT = EXAMPLES.parent
CONSOLE = re.compile(r"^```console\n(\$ .*?)^```", re.MULTILINE | re.DOTALL)
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# 실습 도구가 예제로 넘겨주는 주소입니다. 그 길은 test_lab.py가 따로 확인합니다.
SHOWN_ADDRESS = re.compile(r"http://127\.0\.0\.1:8000/run/\w+")


def steps(readme: Path) -> list[tuple[str, str]]:
    """README의 console 블록에서 (명령, 적힌 출력)을 차례로 읽습니다."""
    blocks = CONSOLE.findall(readme.read_text(encoding="utf-8"))
    commands = [part for block in blocks for part in re.split(r"^\$ ", block, flags=re.M) if part]
    return [(command, output) for command, _, output in (c.partition("\n") for c in commands)]


def follow(readme: Path, address: str) -> None:
    """README를 읽는 사람처럼 명령을 차례로 실행하고 출력을 견줍니다."""
    actual_ids: dict[str, str] = {}

    def run(command: str) -> str:
        for shown, actual in actual_ids.items():
            command = command.replace(shown, actual)
        return subprocess.run(
            ["bash", "-c", SHOWN_ADDRESS.sub(address, command.replace("curl ", "curl -sS "))],
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            timeout=20,
        ).stdout

    def shows(command: str, expected: str) -> bool:
        return UUID.sub("(id)", run(command).strip()) == UUID.sub("(id)", expected.strip())

    for command, expected in steps(readme):
        if "-X POST" in command:
            output = run(command)
            actual_ids.update(zip(UUID.findall(expected), UUID.findall(output), strict=True))
            assert UUID.sub("(id)", output.strip()) == UUID.sub("(id)", expected.strip())
        else:
            # 파일과 상태는 조금 뒤에 바뀌므로 적힌 출력이 나올 때까지 다시 확인합니다.
            wait_until(partial(shows, command, expected), command)


@pytest.mark.parametrize("name", ["01_basic", "03_dependencies", "05_async"])
def test_the_commands_of_an_example_give_the_output_that_its_readme_shows(
    serve: Serve, name: str
) -> None:
    follow(EXAMPLES / name / "README.md", serve(f"{name}/main", {"EMAIL_SECONDS": "0"}).url)


def test_the_commands_of_example_02_give_the_output_that_its_readme_shows(
    serve: Serve, mailbox: Mailbox
) -> None:
    follow(EXAMPLES / "02_multiple" / "README.md", serve("02_multiple/main").url)

    wait_until(lambda: len(mailbox.mails) == 1, "환영 메일 한 통")


def test_the_commands_of_example_04_give_the_output_that_its_readme_shows(
    serve: Serve, start_worker: StartWorker, valkey: Valkey
) -> None:
    start_worker("04_celery/celery_worker")
    follow(EXAMPLES / "04_celery" / "README.md", serve("04_celery/main").url)


@pytest.mark.parametrize("readme", [ROOT / "README.md", *sorted(EXAMPLES.glob("*/README.md"))])
def test_every_link_of_a_readme_leads_somewhere(readme: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)", readme.read_text(encoding="utf-8"))

    assert links
    for link in links:
        assert link.startswith("http") or (readme.parent / link).exists(), link


def test_the_readme_names_every_example_and_how_to_start_it() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")

    for folder in sorted(EXAMPLES.glob("*/")):
        number = folder.name.partition("_")[0]
        assert f"[{folder.name}](examples/{folder.name}/README.md)" in text
        assert f"`uv run lab {number}`" in text
