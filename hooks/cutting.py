"""함정 파일에서 틀린 코드만, 고친 코드만 오려 냅니다. 주석과 데코레이터도 함께 오립니다."""

import ast
from dataclasses import dataclass

SIDES = ("broken", "fixed")


@dataclass(frozen=True)
class Part:
    """파일의 최상위 문장 하나입니다."""

    name: str
    """정의하는 이름입니다. 식이면 그 식이 시작하는 이름입니다."""
    first: int
    last: int
    uses: frozenset[str]
    """문장 안에 나오는 이름입니다."""
    side: str
    """ "broken"이나 "fixed"이고, 다른 경로는 "other", 경로가 아니면 빈 문자열입니다."""


def side_of(node: ast.stmt) -> str:
    """함수의 이름이나 데코레이터에 적힌 경로가 어느 쪽인지 알아냅니다."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return ""
    paths = [
        argument.value
        for decorator in node.decorator_list
        if isinstance(decorator, ast.Call)
        for argument in decorator.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    ]
    for side in SIDES:
        if any(path.startswith(f"/{side}") for path in paths) or node.name.startswith(side):
            return side
    return "other" if any(path.startswith("/") for path in paths) else ""


def name_of(node: ast.stmt) -> str:
    """문장이 정의하는 이름입니다. `app.conf.x = 1` 같은 문장은 `app`의 것으로 봅니다."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return node.name
    target: ast.AST = node
    if isinstance(node, ast.Assign):
        target = node.targets[0]
    elif isinstance(node, ast.AnnAssign):
        target = node.target
    names = [each for each in ast.walk(target) if isinstance(each, ast.Name)]
    return min(names, key=lambda each: (each.lineno, each.col_offset)).id if names else ""


def parts_of(source: str) -> list[Part]:
    """최상위 문장을 모읍니다. 임포트와 docstring은 뺍니다."""
    lines = source.splitlines()
    parts = []
    for node in ast.parse(source).body:
        name = name_of(node)
        if isinstance(node, ast.Import | ast.ImportFrom) or not name:
            continue
        decorators = getattr(node, "decorator_list", [])
        first = min(each.lineno for each in [node, *decorators])
        while first > 1 and lines[first - 2].startswith("#"):
            first -= 1
        uses = frozenset(each.id for each in ast.walk(node) if isinstance(each, ast.Name))
        uses -= {"app"}  # 모든 경로가 쓰므로, 따라가면 어느 쪽의 것도 남지 않습니다.
        parts.append(Part(name, first, node.end_lineno or node.lineno, uses, side_of(node)))
    return parts


def reached(parts: list[Part], names: set[str]) -> set[str]:
    """`names`에서 시작해, 거기에서 쓰는 이름을 끝까지 따라갑니다."""
    while True:
        used = {use for part in parts if part.name in names for use in part.uses}
        if used <= names:
            return names
        names = names | used


def cut(source: str) -> dict[str, str]:
    """한쪽의 경로만 쓰는 문장을 오려 {"broken": 글, "fixed": 글}로 돌려줍니다.

    두 쪽의 경로가 다 있지 않으면 빈 dict입니다. 그때는 파일 전체를 보이세요.
    """
    parts = parts_of(source)
    lines = source.splitlines()
    roots = {side: {each.name for each in parts if each.side == side} for side in SIDES}
    if not all(roots.values()):
        return {}
    elsewhere = {each.name for each in parts if each.side == "other"}
    own = {
        side: reached(parts, roots[side]) - reached(parts, roots[other] | elsewhere)
        for side, other in (SIDES, SIDES[::-1])
    }
    everything = reached(parts, roots["broken"] | roots["fixed"] | elsewhere)
    for part in parts:
        # lifespan처럼 경로가 부르지 않는 것은, 한쪽의 것만 쓸 때 그쪽의 것입니다.
        users = [side for side in SIDES if part.uses & own[side]]
        if part.name not in everything and len(users) == 1:
            own[users[0]].add(part.name)
    # 명령으로 실행하는 컨슈머는 두 쪽이 함께 쓰는 함수 안에서 갈라집니다.
    commands = {use for part in parts if part.name == "__name__" for use in part.uses}
    shared = {part.name for part in parts if part.name in commands and not part.side}
    own = {side: names | shared for side, names in own.items()}
    return {
        side: joined(
            [lines[part.first - 1 : part.last] for part in parts if part.name in own[side]]
        )
        for side in SIDES
    }


def joined(blocks: list[list[str]]) -> str:
    """정의 앞뒤로는 두 줄을 띄우고, 짧은 문장끼리는 띄우지 않습니다."""
    text = ""
    for before, block in zip([[], *blocks], blocks, strict=False):
        gap = "\n\n\n" if is_definition(before) or is_definition(block) else "\n"
        text += (gap if before else "") + "\n".join(block)
    return text


def is_definition(block: list[str]) -> bool:
    return any(line.startswith(("def ", "async def ", "class ")) for line in block)
