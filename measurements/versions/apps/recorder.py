"""앱을 ASGI로 직접 부르고, 일어난 일을 차례대로 한 목록에 적습니다.

TestClient는 버전마다 다르고 태스크까지 기다리므로 차례를 알 수 없습니다.
"""

import asyncio
from typing import Any

BOUNDARY = b"boundary"
UPLOAD = (
    b'--boundary\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
    b"hello\r\n--boundary--\r\n"
)
DEADLINE_SECONDS = 10
events: list[str] = []
ended: asyncio.Event


def note(event: str) -> None:
    """일어난 일을 적습니다."""
    events.append(event)


async def after_response() -> None:
    """서버가 요청을 다 처리할 때까지 기다립니다."""
    await ended.wait()


async def send(message: dict[str, Any]) -> None:
    """서버가 앱에서 받은 것을 적습니다."""
    # 소켓에 쓰는 시간 대신, 다른 코루틴이 실행될 틈을 줍니다.
    for _ in range(10):
        await asyncio.sleep(0)
    if message["type"] == "http.response.start":
        note("응답 시작")
    elif not message.get("more_body", False):
        note("응답 끝")


async def record(app: Any) -> list[str]:
    """요청 하나를 보내고, 모든 일이 끝난 뒤에 적힌 것을 돌려줍니다."""
    global ended
    ended = asyncio.Event()
    events.clear()
    path = app.routes[-1].path
    body = UPLOAD if path == "/upload" else b""
    received = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive() -> dict[str, Any]:
        if message := next(received, None):
            return message
        await ended.wait()
        return {"type": "http.disconnect"}

    try:
        await asyncio.wait_for(app(scope(path, len(body)), receive, send), DEADLINE_SECONDS)
    except RuntimeError as error:
        if str(error) != "태스크의 실패":
            raise
    ended.set()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    if others:
        await asyncio.wait(others, timeout=DEADLINE_SECONDS)
    return list(events)


def scope(path: str, length: int) -> dict[str, Any]:
    """HTTP 요청 하나의 ASGI scope입니다."""
    content_type = b"multipart/form-data; boundary=" + BOUNDARY
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "headers": [(b"content-type", content_type), (b"content-length", b"%d" % length)],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
