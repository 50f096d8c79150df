"""훅이 함께 쓰는 것: 페이지의 줄과 자리, 머리말, 그리고 잘못을 알리는 말."""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mkdocs.exceptions import PluginError
from mkdocs.structure.files import Files
from mkdocs.utils import meta

from lab.scenarios import without_code

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Place:
    """페이지의 한 줄입니다. `page`는 docs/ 아래의 경로입니다."""

    page: str
    line: int
    files: Files

    def error(self, message: str) -> PluginError:
        """파일과 줄을 앞에 붙인, 빌드를 멈추는 오류입니다."""
        return PluginError(f"docs/{self.page}:{self.line}: {message}")

    def link(self, target: str) -> str:
        """이 페이지에서 다른 페이지로 가는 상대 경로입니다. `target`은 docs/ 아래의 경로입니다."""
        return posixpath.relpath(target, posixpath.dirname(self.page) or ".")


@dataclass(frozen=True)
class Source:
    """페이지의 원본입니다."""

    page: str
    text: str
    """머리말을 뺀 본문입니다."""
    meta: dict[str, Any]
    first_line: int
    """본문의 첫 줄이 파일에서 몇째 줄인지입니다."""

    @property
    def title(self) -> str:
        """머리말의 title이나, 첫 제목입니다."""
        if "title" in self.meta:
            return str(self.meta["title"])
        heading = next((line for line in self.text.splitlines() if line.startswith("# ")), "")
        return heading.removeprefix("# ").partition(" {")[0].strip() or self.page

    def lines(self) -> Iterator[tuple[int, str]]:
        """코드 블록을 비운 줄과 그 줄 번호입니다."""
        return enumerate(without_code(self.text).split("\n"), self.first_line)


def read_source(page: str, raw: str) -> Source:
    """페이지의 원본에서 머리말과 본문을 나눕니다."""
    text, data = meta.get_data(raw)
    return Source(page, text, data, raw.count("\n") - text.count("\n") + 1)


def sources(files: Files) -> list[Source]:
    """사이트의 모든 페이지를 경로순으로 늘어놓습니다."""
    pages = sorted(files.documentation_pages(), key=lambda file: file.src_uri)
    return [read_source(file.src_uri, file.content_string) for file in pages]


def lessons(files: Files) -> list[Source]:
    """번호가 붙은 수업 페이지를 번호순으로 늘어놓습니다."""
    return [each for each in sources(files) if each.page.startswith("lessons/")]
