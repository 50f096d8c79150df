"""`uv run lab doctor`와 `prefetch`: 수업 전날, 무엇이 모자라고 어떻게 고치는지 알려 줍니다."""

import os
import re
import stat
import subprocess
import sys
import webbrowser
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from socket import create_server

import psutil
import pytest

from harness.processes import without_coverage
from lab import checks, doctor, prefetch, services
from lab.checks import Problem
from lab.services import free_port
from lab.serving import choose_port, serve
from lab.site import ROOT, SiteError


def lab(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lab", *arguments],
        env={**without_coverage(), "PYTHONUTF8": "1", **variables},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=50,
    )


def script(file: Path, text: str) -> str:
    """실행할 수 있는 셸 스크립트를 만듭니다."""
    file.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    file.chmod(file.stat().st_mode | stat.S_IEXEC)
    return str(file)


@pytest.mark.whole
def test_on_this_machine_everything_that_the_course_needs_is_there() -> None:
    result = lab("doctor", "--port", str(free_port()))

    assert result.returncode == 0, result.stdout
    assert "OK    브로커: PONG을 받았습니다" in result.stdout
    assert "OK    포트" in result.stdout
    assert "실습할 준비가 되었습니다" in result.stdout
    assert "Traceback" not in result.stderr


@pytest.mark.whole
def test_a_terminal_that_cannot_show_korean_does_not_stop_the_doctor() -> None:
    result = lab("doctor", PYTHONUTF8="0", PYTHONIOENCODING="ascii")

    assert result.returncode == 0, result.stderr
    assert "chcp 65001" in result.stdout


def test_a_taken_port_is_named_and_is_not_essential() -> None:
    with closing(create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        result = next(each for each in doctor.results(port) if each.name == "포트")

    assert not result.ok
    assert not result.essential
    name = psutil.Process().name()
    assert f"{port}번 포트를 {name}({os.getpid()})" in result.message


def test_the_lab_names_who_has_its_port_and_takes_another(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with closing(create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        chosen = choose_port(port)

    assert chosen != port
    assert f"({os.getpid()})이(가) 쓰고 있어 {chosen}번 포트를 씁니다." in capsys.readouterr().out


def test_no_other_lab_can_take_the_port_while_the_site_is_built(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    port = free_port()

    def build_site() -> Path:
        assert services.free_port(port) != port
        raise KeyboardInterrupt

    monkeypatch.setattr("lab.serving.build_site", build_site)
    with pytest.raises(KeyboardInterrupt):
        serve(None, port, browser=False)


def test_something_essential_that_is_missing_gives_exit_code_1_and_the_rest_is_still_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def ok() -> str:
        return "있습니다"

    def broken() -> str:
        raise Problem("설치하세요: something")

    lines: list[str] = []
    monkeypatch.setattr(
        doctor,
        "all_checks",
        lambda _: [("하나", True, broken), ("둘", False, broken), ("셋", True, ok)],
    )

    assert doctor.diagnose(8000, lines.append) == 1
    assert lines[:3] == [
        "필요  하나: 설치하세요: something",
        "참고  둘: 설치하세요: something",
        "OK    셋: 있습니다",
    ]
    assert lines[3].endswith("먼저 고치세요: 하나")


def test_a_broker_that_does_not_answer_is_reported_with_its_output(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    server = script(tmp_path / "server", "echo wrong architecture; exit 3")
    monkeypatch.setattr(services, "find_redis_server", lambda: server)

    with pytest.raises(Problem, match="wrong architecture"):
        checks.check_broker()


def old_python(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    monkeypatch.setattr(checks, "PYTHON", (99, 0))
    return checks.check_python()


def no_uv(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    monkeypatch.delenv("UV", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    return checks.check_uv()


def broken_uv(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    monkeypatch.setenv("UV", script(tmp_path / "uv", "exit 1"))
    return checks.check_uv()


def full_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    monkeypatch.setattr(checks, "FREE_MEGABYTES", 10**12)
    return checks.check_disk()


def closed_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    return checks.check_folder(tmp_path / "missing")


def no_broker(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    monkeypatch.setattr(services, "find_redis_server", lambda: None)
    return checks.check_broker()


def no_browser(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    monkeypatch.setattr(webbrowser, "_tryorder", [])
    monkeypatch.setattr(webbrowser, "_browsers", {})
    return checks.check_browser()


def broken_site(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    def fail() -> None:
        raise SiteError("사이트를 빌드하지 못했습니다")

    monkeypatch.setattr(checks, "build_site", fail)
    return checks.check_site()


@pytest.mark.parametrize(
    ("check", "advice"),
    [
        (old_python, "uv python install"),
        (no_uv, "pip install uv"),
        (broken_uv, "pip install uv"),
        (full_disk, "비우세요"),
        (closed_folder, "쓸 수 있는 폴더"),
        (no_broker, "apt-get install redis-server"),
        (no_browser, "직접 적으세요"),
        (broken_site, "사이트 없이도"),
    ],
)
def test_what_is_missing_comes_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    check: Callable[[pytest.MonkeyPatch, Path], str],
    advice: str,
) -> None:
    with pytest.raises(Problem, match=advice):
        check(monkeypatch, tmp_path)


def test_prefetch_says_what_it_did_and_how_to_check_offline(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    calls = tmp_path / "calls"
    monkeypatch.setenv("UV", script(tmp_path / "uv", f'echo "$@" >> {calls}'))
    monkeypatch.setattr(prefetch, "build_site", lambda: tmp_path)
    lines: list[str] = []

    prefetch.fetch_everything(lines.append)

    synced, offline = calls.read_text(encoding="utf-8").splitlines()
    assert synced == "sync --frozen --inexact"
    assert offline.startswith("run --offline ")
    assert "확인했습니다: 인터넷 없이 실행됩니다" in lines
    assert lines[-1].endswith("uv run --offline lab")


def test_prefetch_without_internet_shows_what_uv_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("UV", script(tmp_path / "uv", "echo no internet; exit 2"))

    with pytest.raises(prefetch.PrefetchError, match="명령이 실패했습니다") as failure:
        prefetch.fetch_everything(print)

    assert str(failure.value).endswith("no internet")


def test_the_page_about_troubles_quotes_what_the_lab_says() -> None:
    page = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
    sources = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "lab").glob("*.py"))
    said = re.sub(r'"\s*\n\s*f?"', "", sources)  # 여러 줄에 나누어 쓴 문자열을 잇습니다.

    quotes = re.findall("“(.+?)”", page)

    assert len(quotes) > 10
    for quote in quotes:
        for piece in quote.split("…"):
            assert piece.strip() in said, quote
