"""먼저 온 것을 먼저 처리하는 줄의 시뮬레이션. 시간은 모두 초입니다."""

import heapq
import random
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, repeat


def waits(arrivals: Iterable[float], services: Iterable[float], workers: int) -> list[float]:
    """태스크마다 기다린 시간입니다. `arrivals`는 도착한 때를 차례대로 늘어놓은 것입니다."""
    # 워커마다 다음에 쉬게 되는 때입니다. 가장 먼저 쉬는 워커가 다음 태스크를 맡습니다.
    free = [float("-inf")] * workers
    found = []
    for arrived, service in zip(arrivals, services, strict=False):
        started = max(arrived, free[0])
        heapq.heapreplace(free, started + service)
        found.append(started - arrived)
    return found


def random_arrivals(rate: float, count: int, seed: int) -> list[float]:
    """초당 평균 `rate`개가 무작위로 도착하는 때입니다."""
    source = random.Random(seed)
    return list(accumulate(source.expovariate(rate) for _ in range(count)))


def random_services(service: float, count: int, seed: int) -> list[float]:
    """평균이 `service`인 지수분포에서 뽑은 태스크의 시간입니다."""
    source = random.Random(seed)
    return [source.expovariate(1 / service) for _ in range(count)]


def constant(service: float) -> Iterator[float]:
    """늘 같은 태스크의 시간입니다."""
    return repeat(service)


def quantile(values: Sequence[float], share: float) -> float:
    """작은 것부터 세어 `share`번째 값입니다."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]
