"""함정 context_variable_lost를 고장 난 쪽과 고친 쪽 모두에서 확인합니다."""

import asyncio

from conftest import Load
from harness.asgi import record

FILE = "03_dependencies/pitfalls/context_variable_lost"


def logged_by(load: Load, path: str) -> list[str]:
    """요청 번호 7로 요청을 하나 보내고, 응답이 나간 뒤에 태스크가 남긴 기록을 돌려줍니다."""
    pitfall = load(FILE)

    events = asyncio.run(record(pitfall.app, path, headers=[(b"x-request-id", b"7")]))

    assert events == ["http.response.start", "http.response.body"]
    done: list[str] = pitfall.list_done()
    return done


def test_a_context_variable_set_in_a_def_dependency_does_not_reach_the_task(load: Load) -> None:
    assert logged_by(load, "/broken") == ["[번호 없음] broken"]


def test_a_context_variable_set_in_an_async_dependency_reaches_the_task(load: Load) -> None:
    assert logged_by(load, "/async-dependency") == ["[7] async-dependency"]


def test_a_value_passed_as_an_argument_reaches_the_task(load: Load) -> None:
    assert logged_by(load, "/fixed") == ["[7] fixed"]
