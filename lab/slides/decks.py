"""슬라이드의 마크다운에서, 코드와 타임라인을 가져오라는 지시문을 펼칩니다.

`<!-- code examples/01_basic/main.py send_notification -->`은 그 파일에서 이름을 정의한 곳을,
`<!-- code FILE "consume: if order" -->`은 그 안에서 `if order`로 시작하는 문장만,
`<!-- recording 01_basic-notify -->`는 기록한 타임라인의 그림을 가져옵니다.
강사 노트의 `{나머지}분`은 페이지의 머리말에 적힌 시간으로 채웁니다.
"""

import ast
import json
import re
import shlex
import textwrap
from pathlib import Path

from hooks.cutting import parts_of
from lab.site import ROOT
from lab.timelines.layout import timeline_of
from lab.timelines.svg import svg

DECKS = ROOT / "slides"
DIRECTIVE = re.compile(r"^<!-- (code|recording) (\S.*?) -->$", re.MULTILINE)
REST = "{나머지}"
"""실습 슬라이드의 시간입니다. 페이지의 시간에서 다른 슬라이드의 시간을 뺀 것입니다."""
NAME = re.compile(r"\d{2}_\w+\.md")


class DeckError(ValueError):
    """슬라이드를 만들 수 없습니다. 메시지는 파일과 고칠 것을 알려 줍니다."""


def decks(folder: Path = DECKS) -> list[Path]:
    """번호순으로 늘어놓은 슬라이드의 원본입니다."""
    return sorted(file for file in folder.glob("*.md") if NAME.fullmatch(file.name))


def expand(deck: Path, root: Path = ROOT) -> str:
    """지시문을 펼친 마크다운입니다.

    Raises:
        DeckError: 없는 파일, 이름, 기록을 가리킬 때.
    """

    def replace(found: re.Match[str]) -> str:
        try:
            if found[1] == "code":
                path, *names = shlex.split(found[2])
                return f"```python\n{code(root / path, names)}\n```"
            return recording(root, found[2])
        except (OSError, LookupError, ValueError) as error:
            raise DeckError(f"slides/{deck.name}: {found[0]}: {error}") from None

    text = DIRECTIVE.sub(replace, deck.read_text(encoding="utf-8"))
    return text.replace(REST, str(lesson_minutes(deck, root) - sum(minutes_of(text))))


def minutes_of(text: str) -> list[int]:
    """강사 노트의 첫머리에 적힌 시간(분)입니다. 함정은 따로 셉니다."""
    return [int(found) for found in re.findall(r"<!-- (\d+)분\.", text)]


def lesson_minutes(deck: Path, root: Path) -> int:
    """수업과 실습의 시간(분)입니다. 번호가 같은 첫 수업 페이지의 머리말에서 읽습니다."""
    pages = (root / "docs" / "lessons").glob(f"{deck.stem.partition('_')[0]}-*.md")
    front = min(pages).read_text(encoding="utf-8").split("---")[1]
    return sum(int(found) for found in re.findall(r"^(?:teaching|exercises): (\d+)$", front, re.M))


def code(file: Path, names: list[str]) -> str:
    """`file`에서 `names`를 정의한 곳을 적힌 차례로 오려 낸 글입니다.

    Raises:
        LookupError: 그런 이름이나 문장이 없을 때.
    """
    source = file.read_text(encoding="utf-8")
    lines = source.splitlines()
    parts = {part.name: lines[part.first - 1 : part.last] for part in parts_of(source)}
    cut = []
    for written in names:
        name, _, start = written.partition(": ")
        if name not in parts:
            raise LookupError(f"{name}이(가) 없습니다. 있는 이름: {', '.join(parts)}")
        text = "\n".join(parts[name])
        cut.append(statement(text, start) if start else text)
    return "\n\n".join(cut)


def statement(function: str, start: str) -> str:
    """함수 안에서 `start`로 시작하는 첫 문장입니다.

    Raises:
        LookupError: 그런 문장이 없을 때.
    """
    lines = function.splitlines()
    for node in ast.walk(ast.parse(function)):
        if isinstance(node, ast.stmt) and lines[node.lineno - 1].strip().startswith(start):
            return textwrap.dedent("\n".join(lines[node.lineno - 1 : node.end_lineno]))
    raise LookupError(f"{start!r}로 시작하는 문장이 없습니다")


def recording(root: Path, name: str) -> str:
    """기록한 타임라인의 그림입니다."""
    file = root / "docs" / "assets" / "recordings" / f"{name}.json"
    timeline = timeline_of(json.loads(file.read_text(encoding="utf-8")))
    if timeline is None:
        raise LookupError("기록에 스팬이 없습니다")
    return f"<figure>{svg(timeline)}</figure>"
