"""함정 own_response_replaces_tasks를 고장 난 쪽과 고친 쪽 모두에서 확인합니다."""

import asyncio

from conftest import Load
from harness.asgi import record

FILE = "01_basic/pitfalls/own_response_replaces_tasks"


def test_a_background_of_its_own_replaces_the_injected_tasks(load: Load) -> None:
    pitfall = load(FILE)

    asyncio.run(record(pitfall.app, "/broken", events=pitfall.done))

    assert pitfall.list_done() == [
        "http.response.start",
        "http.response.body",
        "broken: 요청 기록",
    ]


def test_a_response_without_a_background_runs_all_injected_tasks(load: Load) -> None:
    pitfall = load(FILE)

    asyncio.run(record(pitfall.app, "/fixed", events=pitfall.done))

    assert pitfall.list_done() == [
        "http.response.start",
        "http.response.body",
        "fixed@example.com: 환영합니다!",
        "fixed: 요청 기록",
    ]
