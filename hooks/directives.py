"""페이지에 한 줄로 적은 지시문(`<!-- pitfall NAME -->` 같은 것)을 빌드할 때 펼칩니다."""

import re
from collections.abc import Callable

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

from hooks import courses, durability, evidence, exercises, measured, pitfalls, timetable, versions
from hooks.pages import Place, read_source

DIRECTIVE = re.compile(r"<!-- ([a-z][a-z-]*):?((?: \S+){0,2}) -->")
KNOWN: dict[str, Callable[[str, Place], list[str]]] = {
    "pitfall": pitfalls.heading,
    "pitfall-code": pitfalls.code,
    "pitfall-index": pitfalls.index,
    "evidence": evidence.listing,
    "timetable": timetable.tables,
    "starts": timetable.starts,
    "course-table": courses.table,
    "exercises": exercises.listing,
    "measurement": measured.table,
    "measurement-chart": measured.chart,
    "durability-matrix": durability.matrix,
    "durability-history": durability.story,
    "version-matrix": versions.matrix,
    "version-story": versions.story,
}
ARGUMENTS = {
    "pitfall": ("함정 이름을",),
    "pitfall-code": ("함정 이름을",),
    "exercises": ("예제 폴더의 이름을",),
    "measurement": ("측정 이름을",),
    "measurement-chart": ("측정 이름과", "그림 이름을"),
    "durability-history": ("방법-고장을",),
    "version-matrix": ("패키지 이름을",),
    "version-story": ("동작 이름을",),
}
"""지시문에 적을 것입니다. 여기에 없는 지시문에는 아무것도 적지 않습니다."""


def expand(raw: str, page: str, files: Files) -> str:
    """페이지의 원본을 받아, 지시문을 펼치고 근거 링크를 바꾼 본문을 돌려줍니다."""
    source = read_source(page, raw)
    result: list[str] = []
    for (number, line), written in zip(source.lines(), source.text.splitlines(), strict=True):
        place = Place(page, number, files)
        found = DIRECTIVE.fullmatch(line.strip())
        if not found:
            # 코드 블록 안은 비어 있으므로, 그대로인 줄에서만 근거를 찾습니다.
            result.append(evidence.linked(written, place) if line else written)
            continue
        name, argument = found[1], found[2].strip()
        if name not in KNOWN:
            raise place.error(f"{name!r} 지시문이 없습니다. 있는 것: {', '.join(KNOWN)}")
        wanted = ARGUMENTS.get(name, ())
        if len(argument.split()) != len(wanted):
            count = "하나" if len(wanted) == 1 else "하나씩"
            told = f"{' '.join(wanted)} {count} 적으세요" if wanted else "인자를 적지 마세요"
            raise place.error(f"{name} 지시문에는 {told}")
        if line.startswith((" ", "\t")):
            raise place.error(f"{name} 지시문은 들여 쓰지 않습니다")
        result += ["", *KNOWN[name](argument, place), ""]
    return "\n".join(result)


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """mkdocs가 페이지마다 부릅니다."""
    return expand(page.file.content_string, page.file.src_uri, files)
