"""pymdownx.snippets가 잘못되어도 조용히 넘어가는 곳을 찾습니다."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from lab.consoles import Block, blocks

MARK = re.compile(r"-+8<-+\s+\[\s*(start|end)\s*:\s*([\w-]+)\s*\]")
INCLUDE = re.compile(r'-+8<-+\s+"([^":]+?)(?::([^"]+))?"\s*$')
HIGHLIGHT = re.compile(r'hl_lines="([^"]+)"')
ANNOTATION = re.compile(r"#\s*\((\d+)\)!?\s*$", re.MULTILINE)
PYTHON = ("python", "py", "python3", "pycon")


class Source:
    """페이지에 들어가는 소스 하나와 그 구역입니다."""

    def __init__(self, text: str) -> None:
        self.lines = [line for line in text.splitlines() if not MARK.search(line)]
        self.sections: dict[str, list[str]] = {}
        self.problems: list[str] = []
        opened: dict[str, list[str]] = {}
        for number, line in enumerate(text.splitlines(), 1):
            mark = MARK.search(line)
            if not mark:
                for section in opened.values():
                    section.append(line)
            elif mark[1] == "end":
                if mark[2] not in opened:
                    self.problems.append(f"{number}: start가 없는 구역 {mark[2]}")
                self.sections[mark[2]] = opened.pop(mark[2], [])
            elif mark[2] in opened or mark[2] in self.sections:
                self.problems.append(f"{number}: 두 번 시작한 구역 {mark[2]}")
            else:
                opened[mark[2]] = []
        self.problems += [f"end가 없는 구역 {name}" for name in opened]
        self.problems += [
            f"빈 구역 {name}" for name, lines in self.sections.items() if not "".join(lines).strip()
        ]


def read_sources(root: Path, pages: Iterable[str]) -> dict[str, Source]:
    """예제와, 페이지에 들어간 소스입니다. 이름은 저장소에서 본 경로입니다."""
    files = {file for file in root.glob("examples/**/*") if file.suffix in (".py", "")}
    files |= {root / name for page in pages for name, _ in included(page)}
    return {
        file.relative_to(root).as_posix(): Source(file.read_text(encoding="utf-8"))
        for file in sorted(files)
        if file.is_file()
    }


def included(page: str) -> set[tuple[str, str]]:
    """페이지가 넣은 (파일, 구역)입니다. 파일 전체이면 구역은 빈 문자열입니다."""
    return {(m[1], m[2] or "") for line in page.splitlines() if (m := INCLUDE.search(line))}


def unused_sections(sources: Mapping[str, Source], pages: Mapping[str, str]) -> list[str]:
    """어느 페이지도 넣지 않은 구역입니다."""
    used = {each for page in pages.values() for each in included(page)}
    every = {(name, section) for name, source in sources.items() for section in source.sections}
    return [f"{name}: 쓰지 않는 구역 {section}" for name, section in sorted(every - used)]


def findings(page: str, sources: Mapping[str, Source]) -> list[str]:
    """페이지의 코드 블록에서 조용히 잘못되는 곳을 '줄: 까닭'으로 늘어놓습니다."""
    lines = page.splitlines()
    return [
        f"{block.line}: {problem}"
        for block in blocks(page)
        for problem in wrong_block(block, lines, sources)
    ]


def wrong_block(block: Block, page: list[str], sources: Mapping[str, Source]) -> Iterator[str]:
    """코드 블록 하나의 잘못입니다."""
    code: list[str] = []
    pasted = 0
    for line in block.lines:
        include = INCLUDE.search(line)
        if not include:
            code.append(line)
            pasted += bool(line.strip())
            continue
        source, section = sources.get(include[1]), include[2]
        if section and re.fullmatch(r"[\d:,]+", section):
            yield f"줄 번호 대신 구역 이름을 쓰세요: {include[1]}:{section}"
        elif source and section and section not in source.sections:
            yield f"없는 구역: {include[1]}:{section}"
        elif source:
            code += source.sections[section] if section else source.lines
    if block.language in PYTHON and pasted and not block.not_run:
        yield "파이썬 코드는 예제에서 가져오거나, 앞줄에 <!-- 실행하지 않음: 까닭 -->을 적으세요"
    if highlight := HIGHLIGHT.search(block.info):
        last = max(int(number) for number in re.findall(r"\d+", highlight[1]))
        if last > len(code):
            yield f"hl_lines {last}번째 줄이 없습니다(모두 {len(code)}줄)"
    notes = [int(number) for number in ANNOTATION.findall("\n".join(code))]
    if notes and max(notes) > list_after(block, page):
        yield f"# ({max(notes)})!의 설명 목록이 블록 뒤에 없습니다"


def list_after(block: Block, page: list[str]) -> int:
    """블록 바로 뒤에 있는 번호 목록의 항목 수입니다."""
    items = 0
    for line in page[block.line + len(block.lines) + 1 :]:
        if re.match(r"\d+\.\s", line.removeprefix(block.indent)):
            items += 1
        elif line.strip() and (not items or not line.removeprefix(block.indent).startswith("  ")):
            break
    return items
