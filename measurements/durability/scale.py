"""한 칸에서 얼마나 보내고 얼마나 기다리는가."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """얼마나 보내고 얼마나 기다리는지입니다."""

    tasks: int
    """응답을 받는 것이 이만큼 될 때까지 보냅니다. 3분의 1에서 고장을 냅니다."""
    silent_seconds: float
    """브로커가 답하지 않는 시간(초)입니다."""
    task_time_limit: int
    """04의 시간 제한(초)입니다. 가시성 타임아웃은 그 두 배입니다."""
    patience: float = 1
    """실행되는 것이 없어도 기다려 주는 시간에 곱하는 값입니다."""

    @property
    def before(self) -> int:
        """고장을 내기 전에 응답을 받는 것의 수입니다."""
        return self.tasks // 3

    @property
    def after(self) -> int:
        """고장을 되돌린 뒤에 응답을 받는 것의 수입니다."""
        return self.tasks // 4
