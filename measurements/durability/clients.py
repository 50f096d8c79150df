"""답을 기다렸다가 다음 것을 보내는 클라이언트들. 보낸 것과 받은 답을 이력에 적습니다."""

import asyncio
import itertools
import json
import random

from measurements.client import fetch
from measurements.durability.history import OK, REFUSED, SUBMIT, UNKNOWN, History
from measurements.durability.ways import Way

CLIENTS = 20
PAUSE = (0.2, 0.4)
"""클라이언트가 답을 받고 다음 것을 보내기까지 쉬는 시간(초)의 범위입니다."""
PAUSE_AFTER_ERROR = 1.0
"""2xx를 받지 못했을 때 더 쉬는 시간(초)입니다."""
ANSWER_SECONDS = 30


class Clients:
    """번호를 하나씩 올리며 보냅니다. 실패한 번호를 다시 보내지는 않습니다."""

    def __init__(self, way: Way, url: str, history: History) -> None:
        self.acknowledged: set[int] = set()
        """2xx를 받은 번호입니다."""
        self.ids: dict[int, str] = {}
        """답에 태스크 id가 있으면, 번호와 id입니다."""
        self._way = way
        self._url = url
        self._history = history
        self._numbers = itertools.count(1)

    async def run(self, enough: asyncio.Event) -> None:
        """`enough`가 켜질 때까지 클라이언트 여럿이 함께 보냅니다."""
        async with asyncio.TaskGroup() as group:
            for _ in range(CLIENTS):
                group.create_task(self._one(enough))

    async def _one(self, enough: asyncio.Event) -> None:
        # 모두 한꺼번에 보내기 시작하지 않게 합니다.
        await asyncio.sleep(random.uniform(0, PAUSE[1]))
        while not enough.is_set():
            number = next(self._numbers)
            if await self._ask(number):
                self.acknowledged.add(number)
            else:
                await asyncio.sleep(PAUSE_AFTER_ERROR)
            await asyncio.sleep(random.uniform(*PAUSE))

    async def _ask(self, number: int) -> bool:
        """태스크 `number`를 맡기고 답을 적습니다. 2xx를 받았으면 참입니다."""
        self._history.add(SUBMIT, number=number)
        try:
            answer = await fetch(self._url, self._way.request(number), ANSWER_SECONDS)
        except ConnectionRefusedError:
            self._history.add(REFUSED, number=number)
            return False
        except (OSError, TimeoutError) as error:
            self._history.add(UNKNOWN, number=number, why=type(error).__name__)
            return False
        good = 200 <= answer.status < 300
        self._history.add(OK if good else UNKNOWN, number=number, status=answer.status)
        if good and (task_id := json.loads(answer.body).get("task_id")):
            self.ids[number] = task_id
        return good
