"""함정의 지시문: 제목과 증상, 틀린 코드와 고친 코드의 탭, 목록. 모두 함정 파일에서 읽습니다."""

import re
from functools import cache

from hooks import courses
from hooks.cutting import cut
from hooks.pages import ROOT, Place, lessons, sources
from lab import catalogue

DIRECTIVE = re.compile(r"<!-- pitfall (\w+) -->")
CODE = re.compile(
    r"""
    kill[ ]-9
    | \w+="\w+"                                 # scope="function"
    | \.?\w+(?:\.\w+)*\(\)                      # .delay()
    | (?:(?:GET|POST)[ ])?(?<!\w)/[a-z][\w/]*   # GET /ping
    | [a-z]\w*(?:\.[a-z]\w*)+                   # log.txt, asyncio.create_task
    | [a-z]+(?:_[a-z]+)+                        # add_task
    | [A-Z][a-z]+(?:[A-Z][a-z]+)+               # TypeError
    | except[ ]Exception | (?:async[ ])?def\b | \b(?:await|lambda|yield|result|background|kill)\b
    | SUCCESS|FAILURE|PENDING|QUEUED | \bFalse\b | \{\}
    """,
    re.VERBOSE | re.ASCII,
)
TABS = {"broken": "틀린 코드", "fixed": "고친 코드"}


@cache
def pitfalls() -> dict[str, catalogue.Program]:
    """모든 함정입니다. 함정 파일은 빌드하는 동안 바뀌지 않습니다."""
    return {each.name: each for each in catalogue.pitfalls()}


def find(name: str, place: Place) -> catalogue.Program:
    """이름으로 함정을 찾습니다."""
    if name not in pitfalls():
        raise place.error(f"{name!r} 함정이 없습니다. 목록: uv run lab pitfall")
    return pitfalls()[name]


def with_code(text: str) -> str:
    """함정 파일의 글에 나오는 이름과 경로를 코드 글꼴로 씁니다."""
    return CODE.sub(lambda found: f"`{found[0]}`", text)


def anchor(name: str) -> str:
    return name.replace("_", "-")


def title(pitfall: catalogue.Program) -> str:
    """제목으로 쓸 글입니다. 제목에는 마침표를 찍지 않습니다."""
    return with_code(pitfall.title.removesuffix("."))


def symptom(pitfall: catalogue.Program, place: Place) -> str:
    """docstring에서 "증상:"으로 시작하는 문단입니다."""
    file = pitfall.folder / f"{pitfall.name}.py"
    for paragraph in catalogue.docstring(file).split("\n\n"):
        if paragraph.startswith("증상:"):
            return with_code(" ".join(paragraph.removeprefix("증상:").split()))
    raise place.error(f"{file.relative_to(ROOT).as_posix()}의 docstring에 증상이 없습니다")


def heading(name: str, place: Place) -> list[str]:
    """`<!-- pitfall NAME -->`"""
    pitfall = find(name, place)
    return [
        f"### {title(pitfall)} {{ #{anchor(name)} }}",
        "",
        f"**증상.** {symptom(pitfall, place)}",
    ]


def code(name: str, place: Place) -> list[str]:
    """`<!-- pitfall-code NAME -->`"""
    pitfall = find(name, place)
    path = (pitfall.folder / f"{name}.py").relative_to(ROOT).as_posix()
    lines = ["```console", f"$ uv run lab pitfall {name}", "```", ""]
    for side, piece in cut((ROOT / path).read_text(encoding="utf-8")).items():
        lines += tab(TABS[side], "```python", piece.splitlines())
    return lines + tab("전체 파일", f'```python title="{path}"', [f'--8<-- "{path}"'])


def tab(name: str, fence: str, content: list[str]) -> list[str]:
    block = [fence, *content, "```"]
    return [f'=== "{name}"', "", *(f"    {line}" if line else "" for line in block), ""]


def index(_: str, place: Place) -> list[str]:
    """`<!-- pitfall-index -->`: 예제마다 함정의 제목, 증상, 실행 명령입니다."""
    pages = {
        found[1]: source.page
        for source in sources(place.files)
        for _, line in source.lines()
        if (found := DIRECTIVE.fullmatch(line.strip()))
    }
    # 한 예제에 수업이 둘이면 먼저 오는 것의 제목을 씁니다.
    titles = {courses.number(each): each.title for each in reversed(lessons(place.files))}
    lines: list[str] = []
    for example in catalogue.examples():
        number = example.name.partition("_")[0]
        about = titles.get(number, f"{number}. {example.title.removesuffix('.')}")
        lines += [f"## {about} {{ #{anchor(example.name)} }}", ""]
        for pitfall in pitfalls().values():
            if pitfall.folder.parent.name != example.name:
                continue
            heading = title(pitfall)
            if pitfall.name in pages:
                heading = f"[{heading}]({place.link(pages[pitfall.name])}#{anchor(pitfall.name)})"
            lines += [
                f"### {heading} {{ #{anchor(pitfall.name)} }}",
                "",
                f"{symptom(pitfall, place)}",
                "",
                *("```console", f"$ uv run lab pitfall {pitfall.name}", "```", ""),
            ]
    return lines
