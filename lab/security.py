"""다른 사이트의 페이지가 이 컴퓨터의 실습 도구를 조작하지 못하게 합니다."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


def host_of(netloc: str) -> str | None:
    """ "127.0.0.1:8000"에서 호스트 이름만 꺼냅니다. 주소가 아니면 None입니다."""
    try:
        return urlsplit(f"//{netloc}").hostname
    except ValueError:
        return None


class LoopbackOnly:
    """Host가 이 컴퓨터가 아니거나, 다른 출처에서 무엇을 바꾸는 요청이면 403으로 거절합니다.

    예제로 가는 요청은 GET도 예제를 시작하므로, 링크를 눌러 온 것만 받습니다.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if host_of(host) not in LOOPBACK:
            message = "실습 도구는 127.0.0.1이나 localhost로만 열 수 있습니다"
        elif may_change(scope, headers) and is_foreign(headers, host):
            message = "다른 사이트에서 온 요청이라 실행하지 않았습니다"
        else:
            await self.app(scope, receive, send)
            return
        await JSONResponse({"detail": message}, status_code=403)(scope, receive, send)


def may_change(scope: Scope, headers: Headers) -> bool:
    """무엇을 바꾸거나 시작할 수 있는 요청이면 참입니다."""
    if scope["method"] not in SAFE_METHODS:
        return True
    followed_a_link = headers.get("sec-fetch-mode") == "navigate"
    return scope["path"].startswith("/run/") and not followed_a_link


def is_foreign(headers: Headers, host: str) -> bool:
    """브라우저가 다른 출처에서 왔다고 알리면 참입니다. curl은 아무것도 알리지 않습니다."""
    origin = headers.get("origin")
    site = headers.get("sec-fetch-site", "none")
    return origin not in (None, f"http://{host}") or site not in ("none", "same-origin")
