"""프로세스와 Redis가 쓴 CPU 시간과 메모리입니다."""

from collections.abc import Iterable, Iterator

import psutil
from redis import Redis

from lab.processes import Child


def family(child: Child) -> Iterator[psutil.Process]:
    """자식과 그 자손입니다."""
    pid = child.pid
    if pid is not None:
        top = psutil.Process(pid)
        yield from (top, *top.children(recursive=True))


def cpu_seconds(children: Iterable[Child]) -> float:
    """자식과 그 자손이 지금까지 쓴 CPU 시간(초)입니다. 끝난 자손의 것도 들어 있습니다."""
    total = 0.0
    for child in children:
        for process in family(child):
            try:
                total += sum(process.cpu_times()[:4])
            except psutil.NoSuchProcess:
                continue
    return total


def redis_cpu_seconds(redis: Redis) -> float:
    """Redis가 지금까지 쓴 CPU 시간(초)입니다. 운영체제는 0.01초 단위로, Redis는 더 잘게 셉니다."""
    used = redis.info("cpu")
    return float(used["used_cpu_user"]) + float(used["used_cpu_sys"])


def resident_bytes(child: Child) -> int:
    """자식과 그 자손이 차지한 메모리(바이트)입니다."""
    return sum(process.memory_info().rss for process in family(child))
