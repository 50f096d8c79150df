"""함정 detached_orm_object를 고장 난 쪽과 고친 쪽 모두에서 확인합니다."""

import asyncio
from collections.abc import Iterator
from types import ModuleType

import pytest
from sqlalchemy.orm.exc import DetachedInstanceError

from conftest import Load
from harness.asgi import record

FILE = "03_dependencies/pitfalls/detached_orm_object"


@pytest.fixture
def pitfall(load: Load) -> Iterator[ModuleType]:
    module = load(FILE)
    yield module
    module.engine.dispose()


def test_a_task_cannot_read_an_orm_object_whose_session_is_closed(
    pitfall: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    events: list[str] = []

    with pytest.raises(DetachedInstanceError):
        asyncio.run(record(pitfall.app, "/broken", events=events))

    assert events == ["http.response.start", "http.response.body"]
    assert capsys.readouterr().out == ""


def test_a_task_that_gets_the_id_loads_the_object_itself(
    pitfall: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    events = asyncio.run(record(pitfall.app, "/fixed"))

    assert events == ["http.response.start", "http.response.body"]
    assert capsys.readouterr().out == "fixed@example.com: 가입을 환영합니다\n"
