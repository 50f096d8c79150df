"""처리량: 표를 만들고 판단하는 코드를 손으로 만든 값으로 확인합니다."""

from typing import Any

import pytest

from measurements import backlog, throughput
from measurements.programs import APPS
from measurements.results import Result
from measurements.throughput import systems

NOTHING: dict[str, Any] = {
    "task": "nothing",
    "count": 100,
    "publish": 1000.0,
    "handle": 500.0,
    "worker_cpu": 0.001,
    "broker_cpu": 0.0001,
    "memory": 900.0,
}


def samples(name: str, handled: list[float], nap: float) -> list[dict[str, Any]]:
    return [
        *({**NOTHING, "system": name, "handle": each} for each in handled),
        {**NOTHING, "system": name, "task": "nap", "handle": nap},
    ]


def made(rows: list[dict[str, Any]]) -> Result:
    return Result(name="throughput", rows=rows, settings={}, quick=False, versions={}, machine={})


def test_the_table_has_medians_and_their_spread_and_the_ratio_to_the_bare_broker() -> None:
    celery = systems.celery(systems.REDIS, 4, 4)
    turns = samples("bare", [2000, 1000, 4000], 390) + samples(celery.name, [500, 400, 300], 200)

    bare, row = throughput.summary([systems.BARE, celery], turns)

    assert (row["handle"], row["lowest"], row["highest"]) == (400, 300, 500)
    assert (row["ratio"], bare["ratio"]) == (0.2, 1)
    # 동시에 넷이면 10 ms 태스크를 초당 400개까지 끝낼 수 있습니다.
    assert (row["nap"], row["share"]) == (200, 50)
    assert (row["memory"], row["worker_us"], row["broker_us"]) == (900, 1000, 100)


def test_more_than_the_slots_can_do_is_a_wrong_count() -> None:
    turns = samples("bare", [2000], 450)

    (wrong,) = throughput.check(made(throughput.summary([systems.BARE], turns)))

    assert "낼 수 있는 것보다 많이" in wrong


@pytest.mark.parametrize(
    ("slow", "fast"),
    [("rq-worker", "rq-simpleworker"), ("kafka-1", "kafka-100"), ("celery-redis-4-4", "bare")],
)
def test_a_winner_that_loses_is_found(slow: str, fast: str) -> None:
    known = {system.name: system for system in systems.every()}
    chosen = [systems.BARE, *(known[name] for name in (slow, fast) if name != "bare")]
    speeds = {"bare": 900.0, slow: 100.0, fast: 500.0}
    right = [each for system in chosen for each in samples(system.name, [speeds[system.name]], 90)]
    speeds[slow], speeds[fast] = speeds[fast], speeds[slow]
    wrong = [each for system in chosen for each in samples(system.name, [speeds[system.name]], 90)]

    assert throughput.check(made(throughput.summary(chosen, right))) == []
    assert any(slow in line for line in throughput.check(made(throughput.summary(chosen, wrong))))


def test_every_system_has_its_own_name_and_an_app_that_can_be_copied() -> None:
    every = list(systems.every())

    assert len({system.name for system in every}) == len(every)
    for system in every:
        assert (APPS / "throughput" / f"{system.module}.py").is_file()
        assert system.settings


def test_what_cannot_be_measured_here_is_left_out_and_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(systems, "find_rabbitmq", lambda: None)
    monkeypatch.setattr(systems, "has_arq", lambda: False)

    chosen, missing = systems.chosen(quick=False)

    assert not any(system.broker == systems.RABBITMQ for system in chosen)
    assert not any(system.module == "arq_tasks" for system in chosen)
    assert any("RabbitMQ" in line for line in missing)
    assert any("arq" in line for line in missing)


def test_a_queue_that_gets_slower_as_it_grows_is_found() -> None:
    row = {"system": "celery", "publish": 1000, "memory": 900}
    steady = [{**row, "depth": depth, "handle": 500} for depth in (0, 1000, 100_000)]
    slowing = [*steady[:2], {**steady[2], "handle": 100}]
    empty = [*steady[:2], {**steady[2], "memory": 0}]

    assert backlog.check(made(steady)) == []
    (wrong,) = backlog.check(made(slowing))
    assert "4분의 1" in wrong
    (wrong,) = backlog.check(made(empty))
    assert "메모리가 늘지 않았습니다" in wrong
