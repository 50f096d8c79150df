"""함정 upload_closed_under_create_task를 고장 난 쪽과 고친 쪽 모두에서 확인합니다."""

import asyncio
from types import ModuleType

import pytest

from conftest import Load, Serve
from harness.asgi import record
from harness.waiting import wait_until

pytestmark = pytest.mark.measured

FILE = "03_dependencies/pitfalls/upload_closed_under_create_task"
CONTENT = b"hello"
BODY = (
    b"--line\r\n"
    b'Content-Disposition: form-data; name="file"; filename="a.txt"\r\n'
    b"\r\n" + CONTENT + b"\r\n"
    b"--line--\r\n"
)
HEADERS = [(b"content-type", b"multipart/form-data; boundary=line")]


async def upload_and_finish_the_task(
    pitfall: ModuleType, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """요청이 모두 끝난 다음에야 태스크가 이어서 실행되게 합니다."""
    request_is_over = asyncio.Event()
    monkeypatch.setattr(pitfall, "scan_for_viruses", request_is_over.wait)

    await record(pitfall.app, path, headers=HEADERS, body=BODY)
    (task,) = pitfall.running
    request_is_over.set()
    await task


def test_a_created_task_finds_the_upload_closed(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    pitfall = load(FILE)

    with pytest.raises(ValueError, match="closed file"):
        asyncio.run(upload_and_finish_the_task(pitfall, "/broken", monkeypatch))

    assert pitfall.list_done() == []


def test_a_created_task_can_use_what_was_read_inside_the_request(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    pitfall = load(FILE)

    asyncio.run(upload_and_finish_the_task(pitfall, "/fixed", monkeypatch))

    assert pitfall.list_done() == ["fixed: 5바이트"]


def test_the_server_shows_the_closed_file_in_its_log_and_saves_only_the_copy(serve: Serve) -> None:
    server = serve(FILE, {"TASK_SECONDS": "0.1"})

    for path in ("/broken", "/fixed"):
        assert server.client.post(path, files={"file": CONTENT}).status_code == 200

    server.wait_for_line("ValueError: I/O operation on closed file")
    wait_until(lambda: server.client.get("/done").json() == ["fixed: 5바이트"], "fixed의 기록")
