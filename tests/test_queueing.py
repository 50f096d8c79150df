"""대기행렬: 공식을 알려진 값과, 시뮬레이션을 공식과, 재는 코드를 손으로 센 값과 견줍니다."""

import math
import statistics
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from measurements import queueing, scale
from measurements.quantiles import quantile
from measurements.queueing import formulas, measured, setups, simulation
from measurements.results import Result

TASKS = 60_000


def made(rows: list[dict[str, Any]]) -> Result:
    return Result(name="queueing", rows=rows, settings={}, quick=False, versions={}, machine={})


@pytest.mark.parametrize(
    ("workers", "load", "expected"),
    [(1, 0.5, 0.5), (2, 1.0, 1 / 3), (5, 4.0, 0.5541), (10, 8.0, 0.4092), (100, 90.0, 0.2169)],
)
def test_the_chance_of_waiting_is_that_of_the_erlang_c_tables(
    workers: int, load: float, expected: float
) -> None:
    assert formulas.erlang_c(workers, load, 1) == pytest.approx(expected, abs=5e-5)


def test_a_thousand_workers_do_not_overflow() -> None:
    assert formulas.erlang_c(1000, 950, 1) == pytest.approx(0.06825, abs=5e-5)


@pytest.mark.parametrize("utilisation", [0.3, 0.5, 0.9, 0.95])
def test_one_worker_waits_half_as_long_when_every_task_takes_the_same_time(
    utilisation: float,
) -> None:
    # 폴라첵-힌친 공식: M/M/1은 ρ/(1-ρ), M/D/1은 그 절반입니다.
    expected = utilisation / (1 - utilisation)

    assert formulas.wait_when_random(1, utilisation, 1) == pytest.approx(expected)
    assert formulas.wait_when_constant(1, utilisation, 1) == pytest.approx(expected / 2)


@pytest.mark.parametrize("workers", [1, 2, 4, 10])
@pytest.mark.parametrize(
    ("formula", "services"),
    [
        (formulas.wait_when_constant, lambda: simulation.constant(0.5)),
        (formulas.wait_when_random, lambda: simulation.random_services(0.5, TASKS, 2)),
    ],
)
def test_the_simulation_agrees_with_the_formula(
    workers: int, formula: Callable[[int, float, float], float], services: Callable[[], Any]
) -> None:
    rate = 0.7 * workers / 0.5
    arrivals = simulation.random_arrivals(rate, TASKS, 1)

    waited = statistics.fmean(simulation.waits(arrivals, services(), workers)[TASKS // 10 :])

    assert waited == pytest.approx(formula(workers, rate, 0.5), rel=0.1)


@pytest.mark.parametrize("sign", [1, -1])
def test_when_a_task_comes_says_nothing_about_how_long_it_takes(sign: int) -> None:
    arrivals = simulation.random_arrivals(1, TASKS, 7)
    gaps = [after - before for before, after in pairwise([0.0, *arrivals])]

    services = simulation.random_services(1, TASKS, sign * 7)

    assert statistics.correlation(gaps, services) == pytest.approx(0, abs=0.05)


def test_the_first_free_worker_takes_the_first_task_in_line() -> None:
    # 0초에 온 둘을 두 워커가 맡습니다. 2초에 먼저 쉬게 된 워커가 셋째를 맡습니다.
    waits = simulation.waits([0, 0, 1, 1], [2, 5, 2, 1], 2)

    assert waits == [0, 0, 1, 3]


def test_the_line_is_as_long_as_littles_law_says() -> None:
    arrivals = simulation.random_arrivals(0.8, TASKS, 3)
    waited = simulation.waits(arrivals, simulation.constant(1), 1)
    # 줄의 길이를 시각마다 직접 세어 평균을 냅니다.
    changes = [(at, 1) for at in arrivals]
    changes += [(at + wait, -1) for at, wait in zip(arrivals, waited, strict=True)]
    length, area, before = 0, 0.0, 0.0
    for at, change in sorted(changes):
        area += length * (at - before)
        length, before = length + change, at

    expected = formulas.queue_length(TASKS / before, statistics.fmean(waited))
    assert area / before == pytest.approx(expected)


def test_the_ninety_fifth_percentile_is_that_of_the_simulation() -> None:
    arrivals = simulation.random_arrivals(1.6, TASKS, 4)
    waited = simulation.waits(arrivals, simulation.random_services(1, TASKS, 5), 2)

    found = formulas.wait_quantile_when_random(2, 1.6, 1, 0.95)

    assert found == pytest.approx(quantile(waited, 0.95), rel=0.15)


def test_most_tasks_do_not_wait_when_workers_are_idle() -> None:
    assert formulas.wait_quantile_when_random(10, 1, 1, 0.95) == 0


@pytest.mark.parametrize(("rate", "service"), [(50, 0.1), (3.5, 2), (900, 0.2)])
def test_one_worker_fewer_than_needed_would_wait_too_long(rate: float, service: float) -> None:
    needed = formulas.workers_for(rate, service, 0.05)

    assert formulas.wait_when_random(needed, rate, service) <= 0.05
    assert (
        needed - 1 <= rate * service or formulas.wait_when_random(needed - 1, rate, service) > 0.05
    )


@pytest.mark.parametrize(
    ("call", "hint"),
    [
        (lambda: formulas.erlang_c(2, 10, 0.2), "워커를 늘리세요"),
        (lambda: formulas.wait_when_constant(0, 1, 1), "1 이상"),
        (lambda: formulas.wait_when_random(1, -1, 1), "0보다 커야"),
        (lambda: formulas.workers_for(1, 1, 0), "0보다 커야"),
    ],
)
def test_a_value_out_of_range_is_refused_with_what_to_do(
    call: Callable[[], float], hint: str
) -> None:
    with pytest.raises(ValueError, match=hint):
        call()


def test_a_measured_wait_is_in_task_times_and_without_the_delivery() -> None:
    # 태스크의 시간은 0.1초입니다. 둘째는 0.25초, 셋째는 0초를 기다렸습니다.
    tasks = [
        measured.Task(arrived=0.0, started=0.01, busy_before=0.0),
        measured.Task(arrived=0.1, started=0.36, busy_before=0.09),
        measured.Task(arrived=1.0, started=1.01, busy_before=0.09),
    ]
    known = measured.Calibration(fetch=0.01, delivery=0.01, service=0.1)

    found = queueing.compared(tasks, known, workers=1)

    assert found["measured"] == pytest.approx(0.25 / 3 / 0.1, abs=1e-4)
    assert found["simulated"] == 0
    assert found["busy"] == pytest.approx(30)


def test_a_line_that_waits_less_when_it_is_busier_is_found() -> None:
    right = [
        {"workers": workers, "utilisation": percent, "measured": wait, "simulated": wait}
        for workers in queueing.WORKERS
        for percent in (50, 90, 95)
        for wait in [formulas.wait_when_constant(workers, percent / 100 * workers, 1)]
    ]
    strange = [
        {**row, "measured": 0.0001} if (row["workers"], row["utilisation"]) == (1, 95) else row
        for row in right
    ]

    assert queueing.check(made(right)) == []
    wrong = "\n".join(queueing.check(made(strange)))
    assert "워커 1개: 더 바쁜데 덜 기다렸습니다" in wrong
    assert "이용률 95 %: 워커가 많은데 더 기다렸습니다" in wrong
    assert "세 배 넘게 다릅니다" in wrong


@pytest.mark.whole
def test_the_setup_of_fifty_thousand_tasks_a_second_is_simulated_end_to_end() -> None:
    cost = setups.Costs(broker=80e-6, backend=60e-6)
    setup = setups.Setup("테스트", workers=1000, queues=1, brokers=6, backends=5)

    row = scale.row_of(setup, cost, [scale.simulated(setup, cost, 20_000, seed=7)])

    assert row["worker_busy"] == pytest.approx(95)
    assert row["broker_busy"] == pytest.approx(100 * 50_000 * 80e-6 / 6, abs=0.1)
    # 기다리지 않아도 태스크의 시간(지수분포)의 p99만큼은 걸립니다.
    assert row["p99_ms"] > 1000 * setups.SERVICE * math.log(100) * 0.9
    assert row["wait_ms"] < row["p99_ms"] / 10


@pytest.mark.whole
def test_a_broker_with_too_little_time_falls_behind_without_end() -> None:
    cost = setups.Costs(broker=80e-6, backend=60e-6)
    setup = setups.Setup("테스트", workers=1000, queues=1, brokers=2, backends=5)

    short, long = (scale.simulated(setup, cost, count, 7)["p99_ms"] for count in (10_000, 20_000))

    assert long > 1.5 * short


@pytest.mark.whole
def test_splitting_the_queue_makes_tasks_wait_beside_idle_workers() -> None:
    cost = setups.Costs(broker=1e-6, backend=1e-6)
    one, many = (
        scale.simulated(setups.Setup("테스트", 1000, queues, 1, 1), cost, 20_000, 7)["wait_ms"]
        for queues in (1, 100)
    )

    assert many > 10 * max(one, 0.01)
