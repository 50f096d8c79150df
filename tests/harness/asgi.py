"""앱이 ASGI 서버에 보내는 메시지의 순서를 기록합니다.

TestClient와 httpx의 ASGITransport는 백그라운드 태스크까지 기다렸다가 돌아오므로,
"응답이 먼저 나간다"를 보이려면 메시지 하나하나를 보아야 합니다.
"""

import asyncio
from collections.abc import Iterable
from typing import Any

from starlette.types import ASGIApp, Message


# --8<-- [start:record]
async def record(
    app: ASGIApp,
    path: str,
    *,
    method: str = "POST",
    query: str = "",
    headers: Iterable[tuple[bytes, bytes]] = (),
    body: bytes = b"",
    events: list[str] | None = None,
) -> list[str]:
    """요청 하나를 앱에 직접 보내고, 일어난 일을 순서대로 돌려줍니다.

    태스크까지 모두 끝나야 돌아오며, 태스크가 낸 예외는 여기에서 그대로 발생합니다.
    `events`를 넘기면 그 목록에 덧붙이므로, 태스크가 같은 목록에 적은 일과 순서를 견줄 수 있습니다.
    """
    log = events if events is not None else []
    finished = asyncio.Event()
    sent_body = False

    async def receive() -> Message:
        nonlocal sent_body
        if not sent_body:
            sent_body = True
            return {"type": "http.request", "body": body, "more_body": False}
        await finished.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        log.append(message["type"])

    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": list(headers),
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    await app(scope, receive, send)
    return log


# --8<-- [end:record]
