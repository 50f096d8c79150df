"""사이트의 "확인하기" 단추입니다. 터미널의 `lab check`와 같은 것을 자식 프로세스로 실행합니다."""

import asyncio
import json
import sys
from collections import deque
from typing import Any

from lab.checking.exercises import ROOT, find_one
from lab.checking.grading import GRADE_SECONDS
from lab.checking.tracing import LAB_URL
from lab.processes import Child

LIMIT_SECONDS = GRADE_SECONDS + 30


class BusyError(RuntimeError):
    """다른 연습을 확인하고 있습니다."""


class Button:
    """한 번에 하나씩 확인합니다."""

    def __init__(self, lab_url: str) -> None:
        self._lab_url = lab_url
        self._child: Child | None = None

    async def check(self, number: str) -> dict[str, Any]:
        """연습 하나를 확인하고 판정을 돌려줍니다.

        Raises:
            UnknownExerciseError: 그런 연습이 없을 때.
            BusyError: 다른 연습을 확인하고 있을 때.
        """
        exercise = find_one(number)
        if self._child is not None:
            raise BusyError("다른 연습을 확인하고 있습니다. 끝난 다음에 다시 누르세요")
        lines: deque[str] = deque(maxlen=20)
        command = [sys.executable, "-m", "lab", "check", exercise.number, "--json"]
        self._child = Child(
            "check",
            command,
            ROOT,
            {LAB_URL: self._lab_url},
            lambda _name, line: lines.append(line),
        )
        try:
            await asyncio.to_thread(self._child.wait, LIMIT_SECONDS)
        finally:
            # 실습 도구가 끝나면 요청이 취소되어 여기로 옵니다.
            self._child.kill()
            self._child = None
        answer = next((line for line in reversed(lines) if line.startswith("{")), None)
        if answer is None:
            seen = "채점이 끝나기 전에 멈추었습니다. " + " ".join(list(lines)[-1:])
            return {"state": "trouble", "seconds": 0.0, "seen": seen}
        return json.loads(answer)  # type: ignore[no-any-return]
