"""정해진 시간을 자는 대신, 조건이 이루어질 때까지 기다립니다."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


# --8<-- [start:wait-until]
def wait_until(condition: Callable[[], T], what: str = "", seconds: float = 40) -> T:
    """`condition`이 참인 값을 낼 때까지 되풀이해 묻고 그 값을 돌려줍니다.

    Raises:
        TimeoutError: `seconds`초가 지나도록 참이 되지 않을 때.
    """
    deadline = time.monotonic() + seconds
    pause = 0.005
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise TimeoutError(
                f"{seconds}초를 기다렸지만 이루어지지 않았습니다: {what or condition}"
            )
        time.sleep(pause)
        # 오래 기다릴수록 뜸하게 물어, 기다림이 CPU를 쓰지 않게 합니다.
        pause = min(pause * 1.5, 0.1)


# --8<-- [end:wait-until]
