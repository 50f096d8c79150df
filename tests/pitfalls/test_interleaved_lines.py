"""함정 interleaved_lines를 고장 난 쪽과 고친 쪽 모두에서 확인합니다."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import IO

import pytest
from fastapi.testclient import TestClient

from conftest import Load
from harness.asgi import record

FILE = "02_multiple/pitfalls/interleaved_lines"


@pytest.fixture
def pitfall(load: Load, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.setenv("PAGE_SECONDS", "0")
    return load(FILE)


def send_two_requests_in_step(pitfall: ModuleType, path: str) -> None:
    """두 요청의 태스크가 한 쪽씩 발을 맞추어 읽게 합니다."""
    read_pages = pitfall.read_pages
    both = threading.Barrier(2, timeout=20)

    def read_in_step(user_id: int) -> Iterator[str]:
        for page in read_pages(user_id):
            both.wait()
            yield page

    async def send() -> None:
        await asyncio.gather(
            record(pitfall.app, path, query="user_id=1"),
            record(pitfall.app, path, query="user_id=2"),
        )

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pitfall, "read_pages", read_in_step)
        asyncio.run(send())


def whole_lines(pitfall: ModuleType) -> list[str]:
    return ["".join(pitfall.read_pages(user_id)) for user_id in (1, 2)]


def test_records_written_piece_by_piece_end_up_in_each_other(pitfall: ModuleType) -> None:
    send_two_requests_in_step(pitfall, "/broken")

    text = pitfall.log_file.read_text(encoding="utf-8")
    assert len(text) == sum(len(line) + 1 for line in whole_lines(pitfall))
    assert not set(whole_lines(pitfall)) & set(text.splitlines())
    first_line = pitfall.read_log()[0]
    assert "[1번 사용자 1쪽]" in first_line
    assert "[2번 사용자 1쪽]" in first_line


def test_lines_made_first_and_written_under_a_lock_stay_whole(pitfall: ModuleType) -> None:
    send_two_requests_in_step(pitfall, "/fixed")

    lines = pitfall.log_file.read_text(encoding="utf-8").splitlines()
    assert sorted(lines) == whole_lines(pitfall)


@pytest.mark.parametrize(("path", "locked"), [("/broken", False), ("/fixed", True)])
def test_only_the_fixed_task_holds_the_lock_while_the_file_is_open(
    pitfall: ModuleType, monkeypatch: pytest.MonkeyPatch, path: str, locked: bool
) -> None:
    log_file: Path = pitfall.log_file
    seen: list[bool] = []

    class WatchedFile:
        def open(self, mode: str, encoding: str) -> IO[str]:
            seen.append(pitfall.log_lock.locked())
            return log_file.open(mode, encoding=encoding)

    monkeypatch.setattr(pitfall, "log_file", WatchedFile())
    TestClient(pitfall.app).post(path, params={"user_id": 1})

    assert seen == [locked]


@pytest.mark.parametrize("path", ["/broken", "/fixed"])
def test_a_request_on_its_own_leaves_a_whole_line_either_way(
    pitfall: ModuleType, path: str
) -> None:
    client = TestClient(pitfall.app)
    assert client.get("/log").json() == []

    assert client.post(path, params={"user_id": 1}).json() == {"message": "기록할 예정입니다"}

    [line] = client.get("/log").json()
    assert line == "[1번 사용자 1쪽][1번 사용자 2쪽][1번 사용자 3쪽]"
