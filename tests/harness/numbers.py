"""글에 적힌 시간이 어디에서 왔는지 확인합니다."""

import re
from collections.abc import Iterable
from pathlib import Path

from harness.korean import QUOTED
from harness.prose import EVIDENCE, texts
from harness.snippets import included
from lab.consoles import blocks

SECONDS = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?) ?(?:초|ms|밀리초)")
NUMBER = re.compile(r"\d+(?:\.\d+)?")
PITFALL = re.compile(r"^<!-- pitfall(?:-code)? (\w+) -->$", re.MULTILINE)


def numbers(text: str) -> set[float]:
    """글에 나오는 수입니다."""
    return {float(number) for number in NUMBER.findall(text)}


def shown_numbers(page: str, root: Path) -> set[float]:
    """페이지에 보이는 코드와 출력, 페이지가 다루는 함정의 소스에 나오는 수입니다."""
    code: Iterable[str] = [line for block in blocks(page) for line in block.lines]
    files = [root / name for name, _ in included(page)]
    files += [
        file
        for name in PITFALL.findall(page)
        for file in root.glob(f"examples/*/pitfalls/{name}.py")
    ]
    return numbers("\n".join([*code, *(file.read_text(encoding="utf-8") for file in files)]))


def findings(page: str, root: Path) -> list[str]:
    """코드에도 출력에도 없고, 같은 문단에 근거도 없는 시간입니다.

    문제의 제목과 따옴표 안에 있는 시간은 지어낸 상황이나 남의 말입니다.
    """
    known = shown_numbers(page, root)
    return [
        f"{text.line}: {found[0]}"
        for text in texts(page)
        for found in SECONDS.finditer(QUOTED.sub("", text.plain))
        if text.kind != "title"
        if float(found[1]) not in known and not EVIDENCE.search(text.raw)
    ]
