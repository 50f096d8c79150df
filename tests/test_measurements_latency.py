"""측정: 요청을 보내 재는 코드와, 응답 시간의 결과를 판단하는 코드를 확인합니다."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from measurements import lab, latency, outage, publish, suite, threadpool
from measurements.apps.publish_steps import per_call
from measurements.client import Client, request
from measurements.load import Slot, slot
from measurements.quantiles import ENOUGH_FOR_P99, p99, quantile
from measurements.results import MeasurementError, Result


@pytest.fixture(scope="module")
def bare_server() -> Iterator[str]:
    from measurements import programs

    with programs.bare_server() as url:
        yield url


def made_up(name: str, rows: list[dict[str, Any]], **settings: Any) -> Result:
    return Result(name=name, rows=rows, settings=settings, quick=False, versions={})


def test_a_request_carries_its_body_as_json() -> None:
    head, _, body = request("POST", "/path", {"이름": 1}).partition(b"\r\n\r\n")

    assert head.startswith(b"POST /path HTTP/1.1\r\nhost: ")
    assert f"content-length: {len(body)}".encode() in head
    assert json.loads(body) == {"이름": 1}


def test_one_connection_is_kept_for_many_answers(bare_server: str) -> None:
    async def ask() -> list[tuple[int, bytes]]:
        async with Client(bare_server) as client:
            (connection,) = await client.connect(1)
            answers = [await connection.send(request("POST", "/")) for _ in range(3)]
            assert len(client.connections) == 1
            return [(answer.status, answer.body) for answer in answers]

    expected = '{"message":"데이터 처리가 시작되었습니다"}'.encode()
    assert asyncio.run(ask()) == [(200, expected)] * 3


def test_a_slot_counts_every_answer_but_those_that_warm_up(bare_server: str) -> None:
    sent: list[int] = []

    def message() -> bytes:
        sent.append(1)
        return request("POST", "/")

    found = asyncio.run(slot(bare_server, 3, message, 0.3, warm=2))

    assert len(found.milliseconds) == found.statuses[200] == len(sent) - 3 * 2
    assert found.statuses[200] >= 3


def test_a_server_that_is_gone_is_told_in_one_line() -> None:
    with pytest.raises(MeasurementError, match="답을 받지 못했습니다"):
        asyncio.run(slot("http://127.0.0.1:1", 1, lambda: b"", 0.1))


@pytest.mark.parametrize("statuses", [{200: 3, 500: 1}, {}])
def test_an_answer_that_was_not_expected_stops_the_measurement(statuses: dict[int, int]) -> None:
    found = Slot([1.0] * sum(statuses.values()), Counter(statuses))

    with pytest.raises(MeasurementError, match="기대하지 않은 응답"):
        found.expect(200)


def test_a_quantile_is_a_value_that_was_measured() -> None:
    values = [float(value) for value in range(100, 0, -1)]

    assert quantile(values, 0.5) == 51
    assert quantile(values, 0.99) == 100
    assert quantile([7.0], 0.99) == 7


def test_a_p99_of_few_values_is_not_written() -> None:
    assert p99([1.0] * (ENOUGH_FOR_P99 - 1)) is None
    assert p99([1.0] * ENOUGH_FOR_P99) == 1


def test_the_ratio_is_to_the_empty_endpoint_with_as_many_clients() -> None:
    found = {f"{clients} {kind.title}": [[1.0]] for clients in (1, 50) for kind in latency.KINDS}
    found[f"1 {latency.EMPTY}"] = [[2.0, 2.0], [4.0]]
    found[f"1 {latency.CELERY}"] = [[5.0], [6.0, 6.0]]
    found[f"50 {latency.EMPTY}"] = [[10.0]]
    found[f"50 {latency.CELERY}"] = [[30.0]]
    for kind in latency.KINDS:
        found[f"1 {kind.title}"] = [*found[f"1 {kind.title}"], [1.0]][:2]

    rows = {(row["clients"], row["kind"]): row for row in latency.summary(found)}

    one = rows[1, latency.CELERY]
    assert (one["ratio_lowest"], one["ratio"], one["ratio_highest"]) == (1.5, 2, 2.5)
    assert (one["p50"], one["requests"]) == (6, 3)
    assert rows[50, latency.CELERY]["ratio"] == 3


def latencies(**changes: float) -> Result:
    """클라이언트가 하나일 때와 50개일 때(앞에 m을 붙인 이름)의 p50으로 만든 결과입니다."""
    values = {"bare": 0.1, "empty": 0.5, "sync": 0.6, "task": 0.6, "celery": 3.0, "inline": 11.0}
    kinds = {"bare": latency.BARE, "empty": latency.EMPTY, "inline": latency.INLINE}
    kinds |= {"celery": latency.CELERY, "sync": latency.IN_PROCESS[0]}
    kinds |= {"task": latency.IN_PROCESS[1], "create": latency.IN_PROCESS[2]}
    values |= {"create": 0.6}
    p50 = {**values, **{f"m{name}": 10 * value for name, value in values.items()}, **changes}
    rows = [
        {"clients": 50 if name[0] == "m" else 1, "kind": kinds[name.removeprefix("m")], "p50": ms}
        for name, ms in p50.items()
    ]
    return made_up("latency", rows, work_seconds=0.01)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"inline": 9.0}, "그 자리에서 한 일(10 ms)보다 응답이 빠릅니다"),
        ({"celery": 12.0}, "Celery (04 예제)이(가) 그 자리에서 하는 것보다 느립니다"),
        ({"empty": 0.05}, "빈 소켓 서버보다 빠릅니다"),
        ({"sync": 8.0}, "BackgroundTasks, def이(가) 빈 엔드포인트에서 멉니다"),
        ({"mcreate": 40.0}, "50개: create_task이(가) Celery에 넣는 것보다 느립니다"),
    ],
)
def test_an_impossible_latency_is_found(changes: dict[str, float], problem: str) -> None:
    assert latency.check(latencies()) == []

    (found,) = latency.check(latencies(**changes))

    assert problem in found


def waits(def_ms: dict[int, float], async_ms: float = 1.0) -> Result:
    rows = [{"held": n, "def_ms": ms, "async_ms": async_ms} for n, ms in def_ms.items()]
    return made_up("threadpool", rows, task_seconds=0.5)


@pytest.mark.parametrize(
    ("result", "problem"),
    [
        (waits({39: 490, 40: 490, 80: 980}), "태스크 39개: def 경로 처리 함수가 기다렸습니다"),
        (waits({39: 1, 40: 2, 80: 980}), "태스크 40개: def 경로 처리 함수가 기다리지 않았습니다"),
        (waits({39: 1, 40: 490, 80: 490}), "두 차례 기다리지 않았습니다"),
        (waits({39: 1}, async_ms=490), "async def 경로 처리 함수가 기다렸습니다"),
    ],
)
def test_a_knee_at_another_place_is_found(result: Result, problem: str) -> None:
    assert threadpool.check(waits({0: 1, 39: 1, 40: 490, 79: 490, 80: 980})) == []

    (found,) = threadpool.check(result)

    assert problem in found


def test_each_number_of_tasks_is_one_row_with_its_median_and_its_ends() -> None:
    samples = [{"held": n, "def_ms": ms, "async_ms": 1.0} for n, ms in [(40, 5), (0, 1), (40, 9)]]

    rows = threadpool.summary(samples)

    assert [(row["held"], row["def_ms"], row["def_highest_ms"]) for row in rows] == [
        (0, 1, 1),
        (40, 7, 9),
    ]


def ladder(**changes: dict[str, float]) -> Result:
    steps = {**publish.STEPS, "empty": publish.EMPTY, "whole": publish.WHOLE}
    rows: list[dict[str, Any]] = [
        {"step": title, "p50": 0.1 + 0.2 * number, "commands": number}
        for number, title in enumerate(steps.values())
    ]
    for row, name in zip(rows, steps, strict=True):
        row.update(changes.get(name, {}))
    return made_up("publish", rows)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"kombu": {"p50": 0.05}}, "LPUSH만 (redis-py)보다 빠릅니다"),
        ({"process_data": {"commands": 1}}, "보다 적습니다"),
        ({"empty": {"p50": 9.0}}, "빈 엔드포인트가 04의 엔드포인트보다 느립니다"),
    ],
)
def test_a_step_that_does_less_than_the_step_before_is_found(
    changes: dict[str, dict[str, float]], problem: str
) -> None:
    assert publish.check(ladder()) == []

    (found,) = publish.check(ladder(**changes))

    assert problem in found


def test_a_command_that_came_by_chance_is_not_counted_as_part_of_a_call() -> None:
    before = Counter({"LPUSH": 10, "PING": 1})
    after = Counter({"LPUSH": 110, "GET": 200, "PING": 3})

    assert per_call(before, after, 100) == {"GET": 2, "LPUSH": 1}


def broker_down(state: str, title: str, answers: str, p99: float = 2.0) -> list[str]:
    found = {}
    for s in outage.STATES:
        for t in outage.REQUESTS:
            ms = 1000.0 if (s, t) == (outage.SILENT, outage.PUBLISH) else 1.0
            code = {outage.THREAD: 422, outage.LOOP: 200}.get(t, 200 if s == outage.NORMAL else 503)
            found[f"{s}, {t}"] = [outage.as_sample(Slot([ms], Counter({code: 1})))]
    result = made_up("outage", outage.summary(found))
    assert outage.check(result) == []
    for row in result.rows:
        if (row["state"], row["request"]) == (state, title):
            row.update(answers=answers, p99=p99)
    return outage.check(result)


def test_a_request_that_waits_for_a_silent_broker_is_found() -> None:
    (found,) = broker_down(outage.SILENT, outage.LOOP, "200: 1", p99=1500)

    assert "브로커를 기다렸습니다" in found


def test_an_answer_of_another_status_is_found() -> None:
    (found,) = broker_down(outage.DEAD, outage.PUBLISH, "200: 1, 503: 4")

    assert "503만이 아닙니다(200: 1, 503: 4)" in found


def test_the_tests_of_a_suite_are_counted_from_its_report() -> None:
    report = '<testsuites><testsuite tests="5" skipped="1" failures="1" errors="1"/></testsuites>'

    row = suite.read(report)

    assert row == {"tests": 5, "skipped": 1, "failed": 2}
    assert "2개가 실패했습니다" in suite.check(made_up("suite", [row]))[0]
    assert suite.check(made_up("suite", [{**row, "failed": 0}])) == []


def figures(**changes: float) -> Result:
    values = {lab.BUILD: 3.0, lab.READY: 2.0, lab.FIRST: 2.0, lab.ADDED: 1.5, lab.SLOWED: 4.0}
    values |= {lab.COLD: 30.0, lab.AGAIN: 4.0}
    rows = [lab.row_of(item, [value], "초") for item, value in {**values, **changes}.items()]
    return made_up("lab", rows)


def test_impossible_figures_of_the_lab_are_found() -> None:
    assert lab.check(figures()) == []

    assert "직접 부른 것보다 빠릅니다" in lab.check(figures(**{lab.ADDED: -0.1}))[0]
    assert "다시 실행한 것보다 빠릅니다" in lab.check(figures(**{lab.COLD: 1.0}))[0]
    some = replace(figures(), rows=figures().rows[1:])
    assert lab.check(some) == [f"재지 못한 것이 있습니다: {lab.BUILD}"]
