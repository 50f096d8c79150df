"""시뮬레이션으로 견줄 구성: 워커, 큐, 브로커, 결과 백엔드의 수를 정합니다."""

from dataclasses import dataclass, replace
from math import ceil

from measurements import results

RATE = 50_000.0
"""초당 도착하는 태스크의 수입니다."""
SERVICE = 0.019
"""태스크 하나의 평균 시간(초)입니다. 들쭉날쭉합니다(지수분포)."""
WORKERS = 1000
BUSIEST = 0.7
"""브로커와 결과 백엔드의 이용률이 이보다 낮게 대수를 정합니다."""
BASE, ONE_QUEUE, MORE_QUEUES = "기본 (브로커마다 큐 하나)", "큐를 하나로", "큐를 더 나눔"
QUEUE_EACH, FEWER, MORE = "워커마다 큐 하나", "워커를 줄임", "워커를 늘림"
FEW_BROKERS, FEW_BACKENDS = "브로커가 모자람", "결과 백엔드가 모자람"


@dataclass(frozen=True)
class Costs:
    """Redis가 태스크 하나에 쓰는 CPU 시간(초)입니다. `throughput`에서 잰 것입니다."""

    broker: float
    """큐에 넣고 꺼내는 것입니다."""
    backend: float
    """결과를 저장하는 것입니다."""


@dataclass(frozen=True)
class Setup:
    """구성 하나입니다."""

    title: str
    workers: int
    queues: int
    """큐마다 제 워커가 있습니다. 다른 큐의 워커가 쉬어도 맡기지 못합니다."""
    brokers: int
    backends: int


def costs() -> Costs:
    """적어 둔 `throughput`의 결과에서 브로커의 CPU 시간을 읽습니다.

    Raises:
        MeasurementError: 적어 둔 결과가 없을 때.
    """
    rows = {row["system"]: row["broker_us"] / 1e6 for row in results.load("throughput").rows}
    plain = rows["celery-redis-4-4"]
    return Costs(broker=plain, backend=max(1e-6, rows["celery-results-4-4"] - plain))


def compared(cost: Costs) -> list[Setup]:
    """견줄 구성입니다. 기본 구성에서 하나씩만 바꿉니다."""
    # 큐 하나는 브로커 하나에 있으므로, 워커를 남김없이 나눌 수 있는 대수로 올립니다.
    needed = ceil(RATE * cost.broker / BUSIEST)
    brokers = next(count for count in range(needed, WORKERS + 1) if WORKERS % count == 0)
    backends = ceil(RATE * cost.backend / BUSIEST)
    base = Setup(BASE, WORKERS, brokers, brokers, backends)
    each = WORKERS // brokers
    return [
        base,
        replace(base, title=FEWER, workers=brokers * ceil(0.97 * each)),
        replace(base, title=MORE, workers=brokers * ceil(1.1 * each)),
        replace(base, title=ONE_QUEUE, queues=1),
        replace(base, title=MORE_QUEUES, queues=brokers * 5),
        replace(base, title=QUEUE_EACH, queues=WORKERS),
        replace(base, title=FEW_BROKERS, brokers=max(1, int(RATE * cost.broker * 0.95))),
        replace(base, title=FEW_BACKENDS, backends=max(1, int(RATE * cost.backend * 0.95))),
    ]
