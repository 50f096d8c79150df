"""연습을 채점하는 `LimitedChild`의 자리에 넣는, 빨리 시작하는 자식입니다."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.quick_child import QuickChild


class QuickAnswer(QuickChild):
    """LimitedChild처럼 다룹니다. 출력의 한도는 없습니다. 한도는 tests/test_checker.py가 봅니다."""

    too_much = False
    guard_killed = False

    def __init__(
        self, name: str, command: Sequence[str], folder: Path, variables: Mapping[str, str]
    ) -> None:
        super().__init__(name, command, folder, variables, lambda _name, _line: None)

    @property
    def output(self) -> str:
        return self._process.output
