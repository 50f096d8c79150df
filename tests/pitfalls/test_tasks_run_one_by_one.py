"""함정 tasks_run_one_by_one을 고장 난 쪽과 고친 쪽 모두에서 확인합니다."""

import asyncio

import pytest

from conftest import Load
from harness.asgi import record

FILE = "02_multiple/pitfalls/tasks_run_one_by_one"
RESPONSE = ["http.response.start", "http.response.body"]


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """0초를 쉬어도 다른 코루틴에 차례는 넘어갑니다."""
    monkeypatch.setenv("TASK_SECONDS", "0")


def test_a_task_starts_only_after_the_one_before_it_has_ended(load: Load) -> None:
    pitfall = load(FILE)

    asyncio.run(record(pitfall.app, "/broken", events=pitfall.done))

    assert asyncio.run(pitfall.list_done()) == [
        *RESPONSE,
        *("메일 시작", "메일 끝", "문자 시작", "문자 끝", "푸시 시작", "푸시 끝"),
    ]


def test_gathered_coroutines_all_start_before_the_first_ends(load: Load) -> None:
    pitfall = load(FILE)

    asyncio.run(record(pitfall.app, "/fixed", events=pitfall.done))

    assert asyncio.run(pitfall.list_done()) == [
        *RESPONSE,
        *("메일 시작", "문자 시작", "푸시 시작", "메일 끝", "문자 끝", "푸시 끝"),
    ]


def test_gathered_coroutines_can_wait_for_each_other(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    pitfall = load(FILE)

    async def notify_together() -> None:
        everyone = asyncio.Barrier(len(pitfall.CHANNELS))

        async def notify(channel: str) -> None:
            await everyone.wait()
            pitfall.done.append(channel)

        monkeypatch.setattr(pitfall, "notify", notify)
        await asyncio.wait_for(record(pitfall.app, "/fixed"), timeout=20)

    asyncio.run(notify_together())

    assert sorted(pitfall.done) == sorted(pitfall.CHANNELS)


def test_a_failure_among_gathered_coroutines_is_logged_and_spares_the_others(
    load: Load, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    pitfall = load(FILE)

    async def notify(channel: str) -> None:
        if channel == "메일":
            raise ConnectionError("메일 서버가 응답하지 않습니다")
        pitfall.done.append(channel)

    monkeypatch.setattr(pitfall, "notify", notify)
    asyncio.run(record(pitfall.app, "/fixed"))

    assert pitfall.done == ["문자", "푸시"]
    assert caplog.messages == ["메일 알림 실패"]
    assert "ConnectionError: 메일 서버가 응답하지 않습니다" in caplog.text
