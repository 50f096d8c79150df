"""examples/를 읽어 실행할 수 있는 예제와 함정의 목록을 만듭니다. 예제를 임포트하지는 않습니다."""

import difflib
import inspect
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from honcho.environ import parse_procfile

EXAMPLES = Path(__file__).parent.parent / "examples"
DOCSTRING = re.compile(r'\s*"""(.*?)"""', re.DOTALL)
VARIABLE = re.compile(r'os\.environ\.get\("(\w+)"')
IMPORT = re.compile(r"^(?:from|import) (\w+)", re.MULTILINE)


@dataclass(frozen=True)
class Program:
    """예제나 함정 하나입니다."""

    name: str
    """예제는 폴더 이름("01_basic"), 함정은 파일 이름("forged_log_line")입니다."""
    title: str
    folder: Path
    """프로세스를 실행할 디렉터리입니다."""
    processes: dict[str, str]
    """프로세스 이름과 명령입니다. 예: {"web": "uvicorn main:app"}"""
    variables: frozenset[str]
    """소스가 읽는 환경 변수의 이름입니다."""
    imports: frozenset[str] = frozenset()
    """소스가 임포트하는 패키지의 이름입니다."""
    borrowed: Mapping[str, str] = field(default_factory=dict)
    """다른 환경 변수의 값을 그대로 줄 환경 변수입니다. 예: {"CELERY_BROKER_URL": "RABBITMQ_URL"}"""


class UnknownProgramError(LookupError):
    """그런 예제나 함정이 없습니다. 메시지는 비슷한 이름을 알려 줍니다."""


def docstring(file: Path) -> str:
    """파이썬 파일의 모듈 docstring입니다. 없으면 빈 문자열입니다.

    배우는 사람이 고치다가 만든 문법 오류가 다른 예제까지 막지 않도록, 구문을 분석하지 않습니다.
    """
    found = DOCSTRING.match(file.read_text(encoding="utf-8", errors="replace"))
    return inspect.cleandoc(found[1]) if found else ""


def first_line(text: str, otherwise: str) -> str:
    """첫 줄입니다. 비어 있으면 `otherwise`입니다."""
    return next(iter(text.splitlines()), otherwise)


def processes_in(procfile: str) -> dict[str, str]:
    """Procfile 형식의 글에서 프로세스 이름과 명령을 읽습니다."""
    return dict(parse_procfile(procfile).processes)


def names_in(pattern: re.Pattern[str], *files: Path) -> frozenset[str]:
    """소스에서 `pattern`이 찾은 이름입니다."""
    sources = (file.read_text(encoding="utf-8", errors="replace") for file in files)
    return frozenset(name for source in sources for name in pattern.findall(source))


def examples(folder: Path = EXAMPLES) -> list[Program]:
    """번호순으로 늘어놓은 예제입니다. `folder`는 examples/나 그 복사본입니다."""
    return [
        Program(
            name=procfile.parent.name,
            title=first_line(docstring(procfile.parent / "main.py"), procfile.parent.name),
            folder=procfile.parent,
            processes=processes_in(procfile.read_text(encoding="utf-8")),
            variables=names_in(VARIABLE, *procfile.parent.glob("*.py")),
            imports=names_in(IMPORT, *procfile.parent.glob("*.py")),
        )
        for procfile in sorted(folder.glob("*/Procfile"))
    ]


def on_rabbitmq(example: Program) -> Program:
    """같은 예제를 RabbitMQ로 실행하는 프로그램입니다. 예: 04_celery → 04_rabbitmq"""
    return replace(
        example,
        name=f"{example.name.partition('_')[0]}_rabbitmq",
        title=f"{example.title.removesuffix('.')} (RabbitMQ).",
        variables=example.variables | {"RABBITMQ_URL"},
        borrowed={"CELERY_BROKER_URL": "RABBITMQ_URL"},
    )


def variants(folder: Path = EXAMPLES) -> list[Program]:
    """브로커만 바꾸어 실행할 수 있는 예제입니다."""
    return [
        on_rabbitmq(example)
        for example in examples(folder)
        if "CELERY_BROKER_URL" in example.variables
    ]


def programs(folder: Path = EXAMPLES) -> dict[str, Program]:
    """실행할 수 있는 모든 것을 이름으로 찾는 딕셔너리입니다."""
    every = (*examples(folder), *variants(folder), *pitfalls(folder))
    return {program.name: program for program in every}


def pitfalls(folder: Path = EXAMPLES) -> list[Program]:
    """예제 번호와 이름순으로 늘어놓은 함정입니다. 제목과 명령은 파일의 docstring에서 읽습니다."""
    return [
        Program(
            name=file.stem,
            title=first_line(docstring(file), file.stem).removeprefix("함정: "),
            folder=file.parent,
            processes=processes_in(docstring(file)),
            variables=names_in(VARIABLE, file),
            imports=names_in(IMPORT, file),
        )
        for file in sorted(folder.glob("*/pitfalls/*.py"))
    ]


def find_example(number: str) -> Program:
    """번호("01")나 이름("01_basic", "04_rabbitmq")으로 예제를 찾습니다.

    Raises:
        UnknownProgramError: 그런 예제가 없을 때.
    """
    for example in (*examples(), *variants()):
        if number in (example.name, example.name.partition("_")[0]):
            return example
    names = ", ".join(example.name for example in examples())
    raise UnknownProgramError(f"{number!r} 예제가 없습니다. 있는 예제: {names}")


def find_variant(number: str) -> Program:
    """번호("04")나 이름으로, RabbitMQ로 실행하는 예제를 찾습니다.

    Raises:
        UnknownProgramError: 그런 예제가 없거나, 브로커를 고를 수 없는 예제일 때.
    """
    folder = find_example(number).folder
    for variant in variants():
        if variant.folder == folder:
            return variant
    names = ", ".join(variant.folder.name for variant in variants())
    raise UnknownProgramError(f"{folder.name}은 RabbitMQ를 쓰지 않습니다. 쓸 수 있는 예제: {names}")


def find_pitfall(name: str) -> Program:
    """이름으로 함정을 찾습니다.

    Raises:
        UnknownProgramError: 그런 함정이 없을 때.
    """
    known = {pitfall.name: pitfall for pitfall in pitfalls()}
    if name in known:
        return known[name]
    raise UnknownProgramError(f"{name!r} 함정이 없습니다. {hint(name, known)}")


def hint(name: str, known: Iterable[str]) -> str:
    """비슷한 이름을 알려 주는 문장입니다. "06"과 비슷한 이름은 06_rq입니다."""
    known = list(known)
    similar = [each for each in known if each.startswith(f"{name}_")]
    similar += difflib.get_close_matches(name, known, n=3, cutoff=0.6)
    names = ", ".join(dict.fromkeys(similar))
    return f"혹시 {names} 인가요?" if names else "함정의 목록: uv run lab pitfall"


def find_program(name: str) -> Program:
    """번호나 이름으로 예제를, 없으면 이름으로 함정을 찾습니다.

    Raises:
        UnknownProgramError: 둘 다 없을 때.
    """
    return find_example(name) if name[:1].isdigit() else find_pitfall(name)
