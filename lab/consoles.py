"""페이지(Markdown)의 코드 블록을 읽고, 다시 실행할 수 있는 명령을 골라냅니다.

줄 번호를 기억하므로, 새로 얻은 출력을 제자리에 적을 수 있습니다.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

FENCE = re.compile(r"^(?P<indent>\s*)(?P<fence>`{3,}|~{3,})\s*(?P<info>[^`]*)$")
NOT_RUN = re.compile(r"<!-- 실행하지 않음: \S.* -->")
"""이 줄이 앞에 있는 블록은 실행하지 않습니다."""
SHOWN_ADDRESS = re.compile(r"http://(?:127\.0\.0\.1|localhost):8000(?=/run/(\w+)/)")
"""페이지에 적힌 실습 도구의 주소입니다."""
DIRECTIVE = re.compile(r"^\s*<!-- pitfall-code (\w+) -->\s*$")
FAULT = re.compile(r"uv run lab (kill|stop|start|freeze|thaw) (\w+) (\w+)")
LOOK_AT_FILE = re.compile(r"(?:cat|tail|head|wc)\s")
CHANGES = re.compile(
    r"\s(-X|--request|-d|--data\S*|--json|-F|--form|-T)\s|\b(for|xargs|time)\b|[;&]"
)
TIMED = re.compile(r"%\{?time|--max-time|\s-m\s+\d")
QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
SAID = re.compile(r"\s*(\w+) │ ?(.*)")
"""실습 도구의 터미널에 나오는 줄입니다. 프로세스 이름과 그 프로세스의 출력입니다."""
Kind = Literal["act", "look", "fault", "hear"]


@dataclass(frozen=True)
class Block:
    """코드 블록 하나입니다."""

    info: str
    """여는 줄의 ``` 뒤에 적힌 것입니다. 예: 'python title="main.py"' """
    line: int
    """여는 줄의 번호(1부터)입니다."""
    indent: str
    lines: tuple[str, ...]
    """들여쓰기를 뺀 내용입니다."""
    before: str
    """블록 앞에 있는, 비어 있지 않은 마지막 줄입니다."""

    @property
    def language(self) -> str:
        return re.split(r"[\s{]", self.info, maxsplit=1)[0]

    @property
    def not_run(self) -> bool:
        """실행하지 않는 까닭이 앞에 적혀 있으면 참입니다."""
        return NOT_RUN.fullmatch(self.before.strip()) is not None


@dataclass(frozen=True)
class Command:
    """console 블록에 적힌 명령 하나와 그 출력입니다."""

    text: str
    output: tuple[str, ...]
    start: int
    """첫 출력 줄의 번호(0부터)입니다. 출력이 없으면 출력을 적을 자리입니다."""
    indent: str


@dataclass(frozen=True)
class Step:
    """다시 실행할 명령 하나, 또는 프로그램의 출력을 보여 주는 text 블록 하나입니다."""

    program: str
    command: Command
    kind: Kind
    """act는 한 번만 하고, look은 적힌 출력이 나올 때까지 되풀이하고, fault는 고장을 냅니다.
    hear는 적힌 줄이 프로그램의 출력에 나오기를 기다립니다."""


def blocks(text: str) -> Iterator[Block]:
    """글에 있는 코드 블록을 차례로 돌려줍니다. 닫지 않은 블록은 글의 끝까지입니다."""
    lines = text.splitlines()
    before, index = "", 0
    while index < len(lines):
        opening = FENCE.match(lines[index])
        if not opening:
            before = lines[index] if lines[index].strip() else before
            index += 1
            continue
        indent, fence = opening["indent"], opening["fence"]
        end = index + 1
        while end < len(lines) and not closes(lines[end], fence):
            end += 1
        inside = tuple(line.removeprefix(indent).rstrip() for line in lines[index + 1 : end])
        yield Block(opening["info"].strip(), index + 1, indent, inside, before)
        before, index = "```", end + 1


def closes(line: str, fence: str) -> bool:
    """`fence`로 연 블록을 닫는 줄이면 참입니다."""
    mark = line.strip()
    return mark.startswith(fence) and not mark.strip(fence[0])


def commands_in(block: Block) -> Iterator[Command]:
    """console 블록의 명령입니다. 줄 끝의 \\는 다음 줄로 이어집니다."""
    index = 0
    while index < len(block.lines):
        if not block.lines[index].startswith("$ "):
            index += 1
            continue
        text = block.lines[index].removeprefix("$ ")
        while text.endswith("\\") and index + 1 < len(block.lines):
            index += 1
            text = f"{text}\n{block.lines[index]}"
        start = index = index + 1
        while index < len(block.lines) and not block.lines[index].startswith("$ "):
            index += 1
        yield Command(text, block.lines[start:index], block.line + start, block.indent)


def kind_of(command: str) -> Kind | None:
    """다시 실행하는 방법입니다. 다시 실행하지 않는 명령이면 None입니다."""
    if FAULT.fullmatch(command):
        return "fault"
    if SHOWN_ADDRESS.search(command):
        changes = CHANGES.search(QUOTED.sub("''", f" {command} "))
        return "act" if changes or TIMED.search(command) else "look"
    return "look" if LOOK_AT_FILE.match(command) else None


def steps_of(text: str) -> list[Step]:
    """페이지의 다시 실행할 명령을 차례로 늘어놓습니다.

    파일을 보는 명령은 가장 가까운 앞의 요청이나 pitfall-code 지시문의 프로그램이 쓴 파일을 봅니다.
    """
    named = {n: m[1] for n, line in enumerate(text.splitlines(), 1) if (m := DIRECTIVE.match(line))}
    program, previous = "", 0
    found: list[Step] = []
    for block in blocks(text):
        if block.language not in ("console", "text") or block.not_run:
            continue
        program = ([program] + [named[n] for n in named if previous < n < block.line])[-1]
        previous = block.line
        if block.language == "text":
            if program and any(SAID.fullmatch(line) for line in block.lines):
                said = Command("", block.lines, block.line, block.indent)
                found.append(Step(program, said, "hear"))
            continue
        for command in commands_in(block):
            kind = kind_of(command.text)
            address = SHOWN_ADDRESS.search(command.text)
            program = address[1] if address else program
            if kind and program:
                found.append(Step(program, command, kind))
    return found
