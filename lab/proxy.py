"""`/run/예제/경로`로 온 요청을 예제의 웹 프로세스에 그대로 넘깁니다."""

import logging
from collections.abc import AsyncIterator, Callable

import aiohttp
from fastapi import Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from starlette.requests import ClientDisconnect
from yarl import URL

from lab.running import RunningProgram

MAX_BODY_BYTES = 10 * 1024 * 1024
"""넘겨줄 요청 본문의 최대 크기(바이트)입니다."""
READ_SECONDS = 60
"""예제가 답하기를 기다리는 시간(초)입니다."""

# 연결 하나에만 뜻이 있는 머리말이라 다음 연결로 넘기지 않습니다(RFC 9110, 7.6.1절).
HOP_BY_HOP = {
    *("connection", "keep-alive", "proxy-authenticate", "proxy-authorization"),
    *("te", "trailer", "transfer-encoding", "upgrade"),
}
ADDED_BY_CLIENT = ("accept", "accept-encoding", "content-type", "user-agent")
"""클라이언트가 스스로 붙이는 머리말입니다. 받은 요청에 있는 것만 넘깁니다."""


NO_ANSWER = "예제의 웹 프로세스가 답하지 않습니다. 죽었다면 다시 시작하세요"


class NoAnswerError(Exception):
    """예제의 웹 프로세스가 답하지 않고 연결을 끊었거나, 연결을 받지 않습니다."""


class BrokenAnswerError(Exception):
    """예제가 응답 본문을 보내다가 끊거나 멈추었습니다. 메시지는 보낸 요청입니다."""


def tell_broken_answers() -> None:
    """uvicorn이 남기는 긴 트레이스백 대신, 끊긴 응답을 한국어 한 줄로 알립니다."""

    def shorten(record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, BrokenAnswerError):
            record.msg, record.args = f"예제가 응답을 보내다가 끊었습니다: {error}", ()
            record.exc_info = None
        return True

    logging.getLogger("uvicorn.error").addFilter(shorten)


async def send_once(
    outgoing: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """연결이 끊겨도 같은 요청을 다시 보내지 않습니다. aiohttp는 GET을 한 번 더 보냅니다."""
    try:
        return await send(outgoing)
    except TimeoutError:
        raise
    except aiohttp.ClientError as error:
        raise NoAnswerError from error


def make_client() -> aiohttp.ClientSession:
    """예제에 요청을 넘길 클라이언트입니다. 이벤트 루프 안에서 만드세요."""
    return aiohttp.ClientSession(
        # uvicorn은 태스크가 예외를 내면 연결을 닫습니다. 그 연결로 다음 요청을 보내면 실패합니다.
        connector=aiohttp.TCPConnector(force_close=True, limit=0),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=5, sock_read=READ_SECONDS),
        cookie_jar=aiohttp.DummyCookieJar(),
        skip_auto_headers=ADDED_BY_CLIENT,
        auto_decompress=False,
        middlewares=(send_once,),
    )


async def forward(
    client: aiohttp.ClientSession,
    request: Request,
    running: RunningProgram,
    on_chunk: Callable[[], None],
) -> Response:
    """경로에서 `/run/이름`을 뺀 요청을 넘기고 응답을 흘려보냅니다. 조각마다 `on_chunk`를 부릅니다.

    예제가 답하지 않으면 502나 504로 이유를 알립니다.
    """
    try:
        body = await read_body(request)
    except ClientDisconnect:
        return Response(status_code=400)  # 받을 사람이 없습니다.
    if body is None:
        return problem(413, f"본문이 {MAX_BODY_BYTES}바이트보다 큽니다")
    headers = [
        (name, value)
        for name, value in request.headers.items()
        if name not in HOP_BY_HOP and name != "content-length"
    ]
    target = running.url + (path_of(request) + query_of(request)).decode("ascii")
    try:
        answer = await client.request(
            request.method,
            URL(target, encoded=True),
            headers=headers,
            data=body or None,
            allow_redirects=False,
        )
        first = await first_part(answer)
    except TimeoutError:
        return problem(504, f"예제가 {READ_SECONDS}초 안에 답하지 않았습니다")
    except (NoAnswerError, aiohttp.ClientPayloadError):
        return problem(502, NO_ANSWER)
    response: Response
    if answer.content.at_eof():
        answer.close()
        response = Response(first, answer.status)
    else:
        response = StreamingResponse(stream(first, answer, on_chunk), answer.status)
    response.raw_headers = [
        (name.lower(), value)
        for name, value in answer.raw_headers
        if name.decode("latin-1").lower() not in HOP_BY_HOP
    ]
    return response


def path_of(request: Request) -> bytes:
    """`/run/이름` 뒤의 경로입니다. 퍼센트 인코딩을 풀지 않고 받은 바이트를 그대로 씁니다."""
    raw_path: bytes = request.scope["raw_path"]
    return b"/" + b"".join(raw_path.split(b"/", 3)[3:])


def query_of(request: Request) -> bytes:
    """물음표를 붙인 쿼리입니다. 없으면 비어 있습니다."""
    query: bytes = request.scope["query_string"]
    return b"?" + query if query else b""


async def read_body(request: Request) -> bytes | None:
    """요청 본문을 읽습니다. 너무 크면 None입니다."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            return None
    return bytes(body)


async def first_part(answer: aiohttp.ClientResponse) -> bytes:
    """본문에서 지금 받을 수 있는 것입니다.

    길이를 아는 본문은 대개 한 번에 다 오므로 기다립니다. 한 번에 답하면 흘려보내는 것보다 빠릅니다.
    """
    body = answer.content
    try:
        return await body.readany() if answer.content_length else body.read_nowait()
    except BaseException:
        answer.close()
        raise


async def stream(
    first: bytes, answer: aiohttp.ClientResponse, on_chunk: Callable[[], None]
) -> AsyncIterator[bytes]:
    """예제의 응답 본문을 받는 대로 흘려보냅니다.

    Raises:
        BrokenAnswerError: 본문이 끝나기 전에 끊겼을 때. 서버는 받는 쪽의 연결도 끊습니다.
    """
    try:
        if first:
            yield first
        async for chunk in answer.content.iter_any():
            on_chunk()
            yield chunk
    except (aiohttp.ClientPayloadError, TimeoutError):
        raise BrokenAnswerError(f"{answer.method} {answer.url.path}") from None
    finally:
        answer.close()


def problem(status_code: int, detail: str, lines: list[str] | None = None) -> JSONResponse:
    """실습 도구가 스스로 답하는 오류입니다. `lines`는 프로세스의 마지막 출력입니다."""
    return JSONResponse({"detail": detail, "lines": lines or []}, status_code=status_code)
