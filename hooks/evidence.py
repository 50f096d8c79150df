"""근거: 페이지의 문장이 가리키는 테스트를 찾아 잇고, 그 테스트의 소스를 근거 페이지에 모읍니다."""

import ast
import re
from functools import cache

from hooks.pages import ROOT, Place, sources
from lab.scenarios import INLINE_CODE

LINK = re.compile(r"\]\(test:([^)\s]*)\)")
CODE_OR_LINK = re.compile(rf"{INLINE_CODE.pattern}|{LINK.pattern}")
PAGES = {
    "evidence/pitfalls.md": re.compile("pitfalls/"),
    "evidence/examples.md": re.compile("test_0[1-5]"),
    "evidence/queues.md": re.compile("test_0[67]"),
    "evidence/course.md": re.compile(""),
}
"""근거 페이지와, 거기에 싣는 테스트 파일의 이름 앞입니다. 먼저 맞는 페이지에 실립니다."""
TESTS = ROOT / "tests"


@cache
def tests_in(file: str) -> dict[str, str]:
    """tests/ 아래의 파일에 있는 테스트의 이름과, 데코레이터를 포함한 소스입니다."""
    text = (TESTS / file).read_text(encoding="utf-8")
    lines = text.splitlines()
    return {
        node.name: "\n".join(lines[first_line(node) - 1 : node.end_lineno])
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
    }


def first_line(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return min(each.lineno for each in [node, *node.decorator_list])


def find(reference: str, place: Place) -> str:
    """ "pitfalls/test_x.py::test_y"가 가리키는 테스트의 소스입니다."""
    file, _, name = reference.partition("::")
    if not (TESTS / file).is_file():
        raise place.error(f"근거로 적은 tests/{file} 파일이 없습니다")
    if name not in tests_in(file):
        raise place.error(f"tests/{file}에 {name!r} 테스트가 없습니다")
    return tests_in(file)[name]


def anchor(reference: str) -> str:
    """근거 페이지에서 테스트가 있는 자리의 id입니다."""
    return re.sub(r"[^a-z0-9]+", "-", reference.lower().replace(".py", "")).strip("-")


def page_of(reference: str) -> str:
    """테스트가 실리는 근거 페이지입니다. 한 페이지에 다 실으면 여는 데 오래 걸려 나눕니다."""
    return next(page for page, start in PAGES.items() if start.match(reference))


def linked(line: str, place: Place) -> str:
    """`[근거](test:…)`를 근거 페이지로 가는 링크로 바꿉니다."""

    def replace(found: re.Match[str]) -> str:
        reference = found[2]
        if reference is None:
            return found[0]
        find(reference, place)
        target = f"{place.link(page_of(reference))}#{anchor(reference)}"
        return f']({target}){{ .evidence title="tests/{reference}" }}'

    return CODE_OR_LINK.sub(replace, line)


def listing(_: str, place: Place) -> list[str]:
    """`<!-- evidence -->`: 가리킨 테스트 가운데 이 페이지에 실을 것을 파일별로 늘어놓습니다."""
    users: dict[str, dict[str, str]] = {}
    for source in sources(place.files):
        for number, line in source.lines():
            for reference in LINK.findall(line):
                find(reference, Place(source.page, number, place.files))
                if page_of(reference) == place.page:
                    users.setdefault(reference, {})[source.page] = source.title
    lines: list[str] = []
    last = ""
    for reference in sorted(users):
        file, _, name = reference.partition("::")
        if file != last:
            lines += [f"## `tests/{file}` {{ #{anchor(file)} }}", ""]
            last = file
        pages = ", ".join(
            f"[{title}]({place.link(page)})" for page, title in users[reference].items()
        )
        lines += [
            f"### {name.removeprefix('test_').replace('_', ' ')} {{ #{anchor(reference)} }}",
            *("", f"이 테스트를 근거로 드는 페이지: {pages}", ""),
            *("```python", *find(reference, place).splitlines(), "```", ""),
        ]
    return lines or ["아직 테스트를 근거로 든 페이지가 없습니다."]
