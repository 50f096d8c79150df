"""페이지에서 사람이 읽는 글만 골라냅니다. 코드, 주석, 태그, 머리말은 뺍니다."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from lab.scenarios import without_code

Kind = Literal["paragraph", "item", "cell", "heading", "title"]

FRONT_MATTER = re.compile(r"\A---\n.*?^---\n", re.DOTALL | re.MULTILINE)
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
PICTURE = re.compile(r"<(svg|style|script)\b.*?</\1>", re.DOTALL)
TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<https?://[^>]*>")
EVIDENCE = re.compile(r"\s*\[[^\]]*\]\(test:[^)]*\)")
IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
LINK = re.compile(r"\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])")
ATTRIBUTES = re.compile(r"\s*\{:?\s*[#.][^}]*\}")
LABEL = re.compile(r"^\*\*[^*]+\.\*\*\s*")
HEADING = re.compile(r"^(#+)\s+(.*?)\s*$")
TITLE = re.compile(r'^(?:!!!|\?\?\?\+?|===!?\+?)\s+[^"]*"(.*)"\s*$')
MARK = re.compile(r"^(?:!!!|\?\?\?\+?|===)\s")
ITEM = re.compile(r"^(?:[-*+]|\d+\.)\s+(.*)$")
NOT_PROSE = re.compile(r"^(?:-+8<-+|\[[^\]]+\]:|\*\[|:?-{3,})")


@dataclass(frozen=True)
class Text:
    """이어서 읽는 글 한 덩이입니다."""

    kind: Kind
    line: int
    raw: str
    """링크와 강조 표시가 남아 있는 글입니다."""

    @property
    def plain(self) -> str:
        """표시를 지운 글입니다."""
        text = IMAGE.sub("", EVIDENCE.sub("", LABEL.sub("", self.raw)))
        text = ATTRIBUTES.sub("", LINK.sub(r"\1", text))
        return TAG.sub("", text).replace("**", "").replace("\\", "").strip()


def blank(pattern: re.Pattern[str], text: str) -> str:
    """맞은 부분을 지웁니다. 줄의 수는 그대로입니다."""
    return pattern.sub(lambda match: "\n" * match[0].count("\n"), text)


def texts(page: str) -> Iterator[Text]:
    """페이지의 글을 차례로 돌려줍니다."""
    clean = without_code(blank(FRONT_MATTER, page))
    clean = blank(PICTURE, blank(COMMENT, clean))
    kind: Kind = "paragraph"
    line, parts = 0, list[str]()
    for number, written in enumerate([*clean.splitlines(), ""], 1):
        stripped = TAG.sub("", written).strip()
        found = starts(stripped)
        if parts and (not stripped or found or NOT_PROSE.match(stripped)):
            yield Text(kind, line, " ".join(parts))
            parts = []
        if not stripped or NOT_PROSE.match(stripped):
            continue
        if found:
            kind, pieces = found
            if kind in ("heading", "title", "cell"):
                yield from (Text(kind, number, piece) for piece in pieces if piece.strip())
            else:
                line, parts = number, pieces
        elif parts:
            parts.append(stripped)
        else:
            kind, line, parts = "paragraph", number, [stripped.removeprefix(":   ")]


def starts(line: str) -> tuple[Kind, list[str]] | None:
    """앞의 글과 이어지지 않는 줄이면 그 종류와 글입니다."""
    if heading := HEADING.match(line):
        return "heading", [heading[2]]
    if MARK.match(line):
        title = TITLE.match(line)
        return "title", [title[1] if title else ""]
    if line.startswith("|"):
        return "cell", [cell for cell in line.strip("|").split("|") if cell.strip(" :-")]
    if item := ITEM.match(line):
        return "item", [item[1]]
    return None
