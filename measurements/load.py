"""여러 클라이언트가 쉬어 가며 요청을 보내는 부하입니다."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from measurements.client import Client, Connection
from measurements.results import MeasurementError

PAUSE = (0.05, 0.15)
"""클라이언트가 응답을 받고 다음 요청을 보내기까지 쉬는 시간(초)의 범위입니다."""
LATE_SECONDS = 30.0
"""한 구간이 끝난 뒤 마지막 응답을 기다리는 최대 시간(초)입니다."""


@dataclass
class Slot:
    """한 구간에서 받은 응답입니다."""

    milliseconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    def expect(self, *statuses: int) -> None:
        """다른 상태 코드가 있었으면 알립니다.

        Raises:
            MeasurementError: `statuses`가 아닌 응답이 있었을 때.
        """
        other = set(self.statuses) - set(statuses)
        if other or not self.milliseconds:
            raise MeasurementError(f"기대하지 않은 응답이 왔습니다: {dict(self.statuses)}")


async def slot(
    url: str,
    clients: int,
    message: Callable[[], bytes],
    seconds: float,
    warm: int = 0,
    pause: tuple[float, float] = PAUSE,
) -> Slot:
    """클라이언트 `clients`개가 `seconds`초 동안 쉬어 가며 보냅니다.

    연결은 새로 만들어 유지하고, 연결마다 처음 `warm`개의 응답은 세지 않습니다.

    Raises:
        MeasurementError: 서버가 연결을 끊었거나 응답이 오지 않을 때.
    """
    found = Slot()

    async def warm_up(connection: Connection) -> None:
        for _ in range(warm):
            await connection.send(message())

    async def send(connection: Connection) -> None:
        # 모두 한꺼번에 보내기 시작하지 않게 합니다.
        await asyncio.sleep(random.uniform(0, pause[1]))
        until = started + seconds
        while time.perf_counter() < until:
            answer = await connection.send(message())
            found.milliseconds.append(float(f"{answer.seconds * 1000:.4g}"))
            found.statuses[answer.status] += 1
            await asyncio.sleep(random.uniform(*pause))

    try:
        async with asyncio.timeout(seconds + LATE_SECONDS), Client(url) as client:
            connections = await client.connect(clients)
            await asyncio.gather(*map(warm_up, connections))
            started = time.perf_counter()
            await asyncio.gather(*map(send, connections))
    except (ConnectionError, TimeoutError) as error:
        raise MeasurementError(f"{url}에서 답을 받지 못했습니다: {error!r}") from None
    return found
