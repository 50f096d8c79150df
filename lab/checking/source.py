"""답의 소스를 실행하지 않고 읽습니다."""

import ast
import threading
from pathlib import Path

from lab.checking.verdict import Short, Trouble

EMPTY: tuple[object, ...] = (None, "", "TODO", ..., [], {}, ())
"""아직 채우지 않은 값입니다."""

PARSING = threading.Lock()
"""Python 3.11의 ast.parse는 여러 스레드가 함께 부르면 SystemError를 냅니다."""
LONGEST = 100
"""보여 줄 소스 한 줄의 최대 글자 수입니다."""


def read(file: Path) -> str:
    """답의 소스입니다.

    Raises:
        Short: UTF-8이 아니거나 NUL 문자가 있을 때.
        Trouble: 읽을 권한이 없거나 다른 프로그램이 잠갔을 때.
    """
    try:
        source = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise Trouble(
            f"{file.name} 파일을 읽을 수 없습니다({error.strerror}). 파일의 권한을 확인하세요"
        ) from None
    except UnicodeDecodeError:
        raise Short(
            seen=f"{file.name} 파일을 UTF-8로 읽을 수 없습니다.",
            why="파이썬은 소스를 UTF-8로 읽습니다.",
            look="편집기에서 인코딩을 UTF-8로 바꾸어 다시 저장하세요.",
        ) from None
    before, nul, _ = source.partition("\0")
    if nul:
        line = before.count("\n") + 1
        raise Short(
            seen=f"{line}번째 줄에 보이지 않는 글자(NUL)가 있습니다.",
            why="파이썬은 이 글자가 든 소스를 읽지 않습니다. 인코딩이 UTF-16인 파일에 흔합니다.",
            look="그 글자를 지우거나, 편집기에서 인코딩을 UTF-8로 바꾸어 다시 저장하세요.",
        )
    return source


def parse(source: str) -> ast.Module:
    """소스의 구문 트리입니다. 코드를 실행하지 않습니다.

    Raises:
        Short: 문법이 틀렸거나 식이 너무 깊을 때.
    """
    try:
        with PARSING:
            return ast.parse(source)
    except SyntaxError as error:
        raise Short(
            seen=f"{error.lineno}번째 줄의 문법이 틀렸습니다: {shown(error)}",
            why=f"파이썬이 이렇게 말합니다: {error.msg}.",
            look="그 줄과 바로 윗줄의 괄호, 따옴표, 쌍점, 들여쓰기를 보세요.",
        ) from None
    except (MemoryError, RecursionError):
        raise too_deep() from None


def shown(error: SyntaxError) -> str:
    """문법이 틀린 줄입니다. 길면 틀린 곳의 앞뒤만입니다."""
    line = (error.text or "").rstrip()
    start = max(0, min((error.offset or 1) - LONGEST // 2, len(line) - LONGEST))
    return line[start:][:LONGEST].strip()


def too_deep() -> Short:
    """괄호나 계산이 너무 깊어 파이썬이 읽지 못하는 소스에 대해 말합니다."""
    return Short(
        seen="파이썬이 읽기에 너무 깊은 식이 있습니다.",
        why="괄호나 계산이 한 식 안에 수천 번 이어져 있습니다.",
        look="아주 긴 줄을 찾아 여러 줄로 나누거나 지우세요.",
    )


def value_of(tree: ast.Module, name: str) -> object:
    """모듈에 `NAME = 값`으로 적은 값입니다. 여러 번 적었으면 마지막 것입니다.

    Raises:
        Short: 없거나, 아직 채우지 않았거나, 바로 적은 값이 아닐 때.
    """
    found = None
    for statement in tree.body:
        match statement:
            case ast.Assign(targets=targets, value=expression):
                pass
            case ast.AnnAssign(target=target, value=ast.expr() as expression):
                targets = [target]
            case _:
                continue
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            found = expression
    if found is None:
        raise Short(
            seen=f"파일에 {name}이(가) 없습니다.",
            why=f"채점기는 {name} = … 줄에 적은 값을 읽습니다.",
            look="이름을 바꾸거나 지웠다면 되돌리세요.",
        )
    try:
        value: object = ast.literal_eval(found)
    except (MemoryError, RecursionError):
        raise too_deep() from None
    except (ValueError, TypeError):
        raise Short(
            seen=f"{name}에 적은 것을 읽을 수 없습니다: {ast.unparse(found)[:80]}",
            why="숫자, 글, 목록처럼 바로 적은 값만 읽습니다. 계산하는 식은 읽지 않습니다.",
            look=f'예: {name} = ["응답", "태스크"]',
        ) from None
    if value in EMPTY:
        raise Short(
            seen=f"{name}이(가) 아직 비어 있습니다.",
            why="적은 값이 있어야 실제로 일어난 일과 견줄 수 있습니다.",
            look=f"파일에서 {name} 줄을 찾아 채우세요.",
        )
    return value


def functions_of(tree: ast.Module) -> set[str]:
    """모듈에 정의한 함수의 이름입니다."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {statement.name for statement in tree.body if isinstance(statement, kinds)}
