"""먼저 온 것을 먼저 처리하는 줄의 시뮬레이션. 시간은 모두 초입니다."""

import heapq
import random
from collections.abc import Iterable, Iterator
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
    # 씨앗이 같아도 random_services와 다른 난수여야, 늦게 온 태스크만 긴 일이 없습니다.
    source = random.Random(f"arrivals {seed}")
    return list(accumulate(source.expovariate(rate) for _ in range(count)))


def random_services(service: float, count: int, seed: int) -> list[float]:
    """평균이 `service`인 지수분포에서 뽑은 태스크의 시간입니다."""
    source = random.Random(f"services {seed}")
    return [source.expovariate(1 / service) for _ in range(count)]


def constant(service: float) -> Iterator[float]:
    """늘 같은 태스크의 시간입니다."""
    return repeat(service)


def through(
    arrivals: list[float], services: list[float], stations: int, source: random.Random
) -> list[float]:
    """태스크를 한 번에 하나씩 하는 `stations`곳에 나누어, 끝나는 때를 차례대로 돌려줍니다."""
    _, finished = split(arrivals, services, stations, 1, source)
    return finished


def split(
    arrivals: list[float],
    services: list[float],
    stations: int,
    workers: int,
    source: random.Random,
) -> tuple[list[float], list[float]]:
    """워커가 `workers`개씩 있는 `stations`곳에 무작위로 나누어, 시작하고 끝난 때를 돌려줍니다."""
    members: list[list[int]] = [[] for _ in range(stations)]
    for number in range(len(arrivals)):
        members[source.randrange(stations)].append(number)
    started, finished = [0.0] * len(arrivals), [0.0] * len(arrivals)
    for numbers in members:
        mine = [arrivals[number] for number in numbers]
        lengths = [services[number] for number in numbers]
        for number, length, waited in zip(
            numbers, lengths, waits(mine, lengths, workers), strict=True
        ):
            started[number] = arrivals[number] + waited
            finished[number] = started[number] + length
    return started, finished
