"""대기행렬의 공식. 도착은 무작위(푸아송)이고, 먼저 온 것을 먼저 처리하며, 시간은 모두 초입니다."""

import cmath
import math


def check_load(workers: int, rate: float, service: float) -> float:
    """워커가 바쁜 비율(이용률)입니다.

    Raises:
        ValueError: 값이 범위를 벗어났거나, 들어오는 일이 처리할 수 있는 것보다 많을 때.
    """
    if workers < 1 or rate <= 0 or service <= 0:
        raise ValueError("워커는 1 이상, 도착률과 태스크의 시간은 0보다 커야 합니다")
    utilisation = rate * service / workers
    if utilisation >= 1:
        raise ValueError("이용률이 100% 이상이면 줄이 끝없이 길어집니다. 워커를 늘리세요")
    return utilisation


def erlang_c(workers: int, rate: float, service: float) -> float:
    """도착한 태스크가 기다려야 할 확률(Erlang C)입니다. 태스크의 시간은 지수분포입니다."""
    utilisation = check_load(workers, rate, service)
    load = rate * service
    # 계승을 계산하면 워커가 많을 때 넘치므로, 하나씩 늘려 가며 구합니다(Erlang B).
    blocked = 1.0
    for count in range(1, workers + 1):
        blocked = load * blocked / (count + load * blocked)
    return blocked / (1 - utilisation * (1 - blocked))


def wait_when_random(workers: int, rate: float, service: float) -> float:
    """평균 대기 시간(M/M/c)입니다. 태스크의 시간은 평균이 `service`인 지수분포입니다."""
    return erlang_c(workers, rate, service) / spare_rate(workers, rate, service)


def wait_quantile_when_random(workers: int, rate: float, service: float, share: float) -> float:
    """태스크 가운데 `share`(예: 0.95)가 이보다 짧게 기다립니다(M/M/c)."""
    waiting = erlang_c(workers, rate, service)
    # 대기가 거의 없으면 로그를 취할 수 없을 만큼 작아집니다.
    logarithm = math.log(waiting / (1 - share)) if waiting > 1 - share else 0.0
    return logarithm / spare_rate(workers, rate, service)


def spare_rate(workers: int, rate: float, service: float) -> float:
    """워커가 더 처리할 수 있는 태스크의 수(초당)입니다."""
    return (workers - rate * service) / service


def wait_when_constant(workers: int, rate: float, service: float) -> float:
    """평균 대기 시간(M/D/c)입니다. 태스크의 시간은 늘 `service`입니다.

    태스크 하나의 시간이 지날 때마다 시스템에 있는 수는 X → max(X - c, 0) + 그동안 도착한 수입니다.
    그 평균은 단위원 안에 있는 z^c = exp(a(z - 1))의 근으로 정확히 구할 수 있습니다(Crommelin).
    """
    check_load(workers, rate, service)
    load = rate * service
    others = sum((1 / (1 - root)).real for root in roots(workers, load))
    in_system = load / (2 * (workers - load)) + load / 2 - (workers - 1) / 2 + others
    return max(0.0, in_system / rate - service)


def roots(workers: int, load: float) -> list[complex]:
    """z^c = exp(a(z - 1))의 근 가운데 1이 아닌 것 c - 1개입니다."""
    found = []
    for number in range(1, workers):
        turn = cmath.exp(2j * math.pi * number / workers)
        root, before = 0j, 1 + 0j
        while abs(root - before) > 1e-13:  # 이용률이 1보다 작으면 줄어드는 사상입니다.
            root, before = turn * cmath.exp(load * (root - 1) / workers), root
        found.append(root)
    return found


def queue_length(rate: float, wait: float) -> float:
    """줄에 서 있는 태스크의 평균 수입니다(리틀의 법칙)."""
    return rate * wait


def workers_for(rate: float, service: float, longest_wait: float) -> int:
    """평균 대기 시간(M/M/c)이 `longest_wait`초를 넘지 않는 가장 적은 워커의 수입니다.

    Raises:
        ValueError: 값이 범위를 벗어났을 때.
    """
    if longest_wait <= 0:
        raise ValueError("기다려도 되는 시간은 0보다 커야 합니다")
    workers = fewest_workers(rate, service)
    while wait_when_random(workers, rate, service) > longest_wait:
        workers += 1
    return workers


def fewest_workers(rate: float, service: float) -> int:
    """줄이 끝없이 길어지지 않는 가장 적은 워커의 수입니다."""
    # 반올림 오차로 이용률이 꼭 100%가 되지 않게 합니다.
    return math.floor(rate * service * (1 + 1e-12)) + 1
