"""명령의 도움말과, 명령을 잘못 적었을 때의 글은 모두 한국어입니다."""

import re
import sys
from collections.abc import Callable

import pytest
import typer

from lab import cli as lab_cli
from measurements import cli as measure_cli

ENGLISH = re.compile(r"usage|options|arguments|commands|show this|exit|default:|required", re.I)
"""typer가 도움말의 틀에 적는 영어입니다."""
Main = Callable[[], None]


def said_by(
    main: Main, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: str
) -> str:
    """명령이 출력한 글입니다."""
    monkeypatch.setattr(sys, "argv", [*arguments])
    with pytest.raises(SystemExit):
        main()
    return capsys.readouterr().out


@pytest.fixture(autouse=True)
def measure_without_measurements(monkeypatch: pytest.MonkeyPatch) -> None:
    """`measure`가 패키지를 찾아 자기를 다시 실행하지도, 명령에 측정을 더하지도 않게 합니다."""
    monkeypatch.setattr("measurements.cli.find_spec", lambda name: name)
    monkeypatch.setattr("measurements.cli.NAMES", ())
    monkeypatch.setattr("measurements.cli.ALONE", ())


@pytest.mark.parametrize(
    ("name", "main", "app"),
    [("lab", lab_cli.main, lab_cli.app), ("measure", measure_cli.main, measure_cli.app)],
)
def test_the_help_of_every_command_is_korean(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    main: Main,
    app: typer.Typer,
) -> None:
    commands: list[str] = list(getattr(typer.main.get_command(app), "commands"))  # noqa: B009
    assert len(commands) >= 4

    for command in ([], *([each] for each in commands)):
        told = said_by(main, capsys, monkeypatch, name, *command, "--help")
        assert f"쓰는 법: uv run {' '.join([name, *command])} [옵션]" in told
        assert "이 도움말 보기" in told
        assert not ENGLISH.search(told), told
        assert "…" not in told  # rich는 전각 글자로 꼭 맞게 찬 줄의 끝을 줄임표로 바꿉니다.


def test_a_measurement_that_is_wrong_is_explained_in_korean(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def said(*arguments: str) -> str:
        return said_by(measure_cli.main, capsys, monkeypatch, "measure", *arguments)

    assert "bogus 명령이 없습니다. 쓰는 법: uv run measure --help" in said("bogus")
    assert "--bogus 옵션이 없습니다" in said("all", "--bogus")
    assert "name을(를) 적지 않았습니다" in said("show")
    assert "쓰는 법: uv run measure [옵션]" in said()
