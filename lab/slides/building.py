"""Marp로 슬라이드를 HTML과 PDF로 만듭니다. `uv run lab slides`가 씁니다."""

import re
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from lab import node
from lab.site import ROOT
from lab.slides.decks import DECKS, DeckError, decks, expand

OUTPUT = Path("dist/slides")
MARP = DECKS / "node_modules" / "@marp-team" / "marp-cli" / "marp-cli.js"
FONTS = ROOT / "docs" / "assets" / "vendor"
Show = Callable[[str], None]


class SlidesError(RuntimeError):
    """슬라이드의 원본이 없거나 잘못되었습니다. 메시지에 이유와 할 일이 들어 있습니다."""


def build(only: Sequence[str], pdf: bool, output: Path, show: Show) -> list[Path]:
    """슬라이드를 만들고, 만든 파일을 돌려줍니다. `only`에 번호를 주면 그 슬라이드만 만듭니다.

    Raises:
        NodeError: Node.js가 없거나, 받지 못했거나, 만들지 못했을 때.
        SlidesError: 원본이 없거나 잘못되었을 때.
    """
    chosen = [deck for deck in decks() if not only or deck.stem.startswith(tuple(only))]
    if not chosen:
        known = ", ".join(deck.stem.partition("_")[0] for deck in decks())
        raise SlidesError(f"그런 슬라이드가 없습니다. 있는 슬라이드: {known}")
    program = node.find_node()
    fetch_marp(show)
    with tempfile.TemporaryDirectory(prefix="lab-") as folder:
        work = Path(folder)
        try:
            for deck in chosen:
                (work / deck.name).write_text(expand(deck), encoding="utf-8")
        except DeckError as error:
            raise SlidesError(str(error)) from None
        (work / "theme.css").write_text(theme(), encoding="utf-8")
        copy_fonts(work)
        kinds = ["html", "pdf"] if pdf else ["html"]
        for kind in kinds:
            run_marp(program, work, [deck.name for deck in chosen], kind)
        output.mkdir(parents=True, exist_ok=True)
        copy_fonts(output)
        made = [work / f"{deck.stem}.{kind}" for kind in kinds for deck in chosen]
        return [Path(shutil.copy(file, output)) for file in made]


def fetch_marp(show: Show) -> None:
    """slides/package-lock.json에 적힌 버전의 Marp를 slides/node_modules에 받습니다.

    Raises:
        NodeError: 받지 못했을 때.
    """
    if not MARP.is_file():
        show("받는 중: 슬라이드를 만드는 Marp (처음 한 번만, 1분쯤 걸립니다)")
        node.install(DECKS, "Marp")


def run_marp(program: str, work: Path, names: list[str], kind: str) -> None:
    """`work`에 있는 마크다운을 HTML이나 PDF로 바꿉니다.

    Raises:
        NodeError: 바꾸지 못했을 때.
    """
    command = [program, str(MARP), "--no-config-file", "--no-stdin", "--html"]
    command += ["--theme-set", "theme.css", "--theme", "course"]
    if kind == "pdf":
        command += ["--pdf", "--pdf-outlines", "--allow-local-files"]
    node.run([*command, *names], work, "슬라이드를 만들지 못했습니다")


def theme() -> str:
    """슬라이드의 모양입니다. 글꼴은 옆의 fonts/에서 읽습니다."""
    faces = (FONTS / "pretendard" / "pretendardvariable-dynamic-subset.css").read_text(
        encoding="utf-8"
    )
    faces = re.sub(r"url\((['\"]?)(?:\./)?", r"url(\1fonts/pretendard/", faces)
    own = (DECKS / "theme.css").read_text(encoding="utf-8")
    return f"{own}\n{faces}"


def copy_fonts(folder: Path) -> None:
    """슬라이드 옆에 글꼴을 둡니다. 인터넷이 없어도 같은 모양으로 보입니다."""
    for name in ("pretendard", "jetbrains-mono"):
        shutil.copytree(FONTS / name, folder / "fonts" / name, dirs_exist_ok=True)
