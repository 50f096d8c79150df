"""채점의 결과와, 답이 모자란다는 것을 알리는 예외입니다."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

T = TypeVar("T")
State = Literal["passed", "short", "trouble"]


class Short(Exception):
    """답이 아직 모자랍니다. 무엇을 보았는지, 왜 모자라는지, 어디를 볼지를 한국어로 말합니다."""

    def __init__(self, seen: str, why: str, look: str = "") -> None:
        super().__init__(" ".join(filter(None, [seen, why, look])))
        self.seen = seen
        self.why = why
        self.look = look


class Trouble(Exception):
    """채점을 하지 못했습니다. 메시지는 무엇을 할지 알려 줍니다."""


@dataclass(frozen=True)
class Result:
    """연습 하나를 채점한 결과입니다."""

    number: str
    """연습 번호입니다. 예: 01-2"""
    state: State
    """passed(풀었음), short(아직 모자람), trouble(채점하지 못함)"""
    seconds: float
    seen: str = ""
    why: str = ""
    look: str = ""
    log: str = ""
    """답의 프로세스가 남긴 마지막 오류를 한 줄로 적은 것입니다."""
    note: str = ""
    """판정과 따로 알릴 것입니다. 예: 채점기가 바뀌어 있다는 것"""

    @property
    def passed(self) -> bool:
        return self.state == "passed"


def wait_until(condition: Callable[[], T | None], seconds: float, short: Short) -> T:
    """`condition`이 참인 값을 낼 때까지 되풀이해 묻고 그 값을 돌려줍니다.

    Raises:
        Short: `seconds`초가 지나도록 참이 되지 않을 때. 넘겨받은 `short`입니다.
    """
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise short
        time.sleep(0.01)
    return value


def happens(condition: Callable[[], object], seconds: float) -> bool:
    """`seconds`초 안에 `condition`이 참이 되면 True입니다. 모자란 점은 그다음에 따질 때 씁니다."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True
