"""응답 시간을 재는 클라이언트. 재는 쪽이 느리면 잰 값이 틀리므로 httptools로 읽습니다."""

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

import httptools


@dataclass(frozen=True)
class Answer:
    """응답 하나입니다. `seconds`는 보내기 시작한 때부터 본문의 끝까지입니다."""

    status: int
    seconds: float
    body: bytes


class Connection(asyncio.Protocol):
    """연결을 유지하며 요청을 하나씩 보냅니다."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Future[Answer] | None = None
        self._reset()

    def _reset(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._body = bytearray()

    async def send(self, request: bytes) -> Answer:
        """요청 하나를 보내고 응답을 기다립니다.

        Raises:
            ConnectionError: 응답의 앞이나 중간에 연결이 끊겼을 때.
        """
        if self._transport is None or self._transport.is_closing():
            raise ConnectionError("서버가 연결을 닫았습니다")
        self._waiting = asyncio.get_running_loop().create_future()
        self._started = time.perf_counter()
        self._transport.write(request)
        return await self._waiting

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        seconds = time.perf_counter() - self._started
        answer = Answer(self._parser.get_status_code(), seconds, bytes(self._body))
        self._reset()
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(answer)

    def connection_lost(self, error: Exception | None) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(ConnectionError("서버가 연결을 끊었습니다"))

    def close(self) -> None:
        """연결을 닫습니다."""
        if self._transport is not None:
            self._transport.abort()


@dataclass
class Client:
    """서버 하나에 만든 연결들입니다. `async with`로 씁니다."""

    url: str
    connections: list[Connection] = field(default_factory=list)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        for connection in self.connections:
            connection.close()

    async def connect(self, count: int) -> Sequence[Connection]:
        """연결을 `count`개가 될 때까지 더하고, 앞의 `count`개를 돌려줍니다."""
        host, _, port = urlsplit(self.url).netloc.partition(":")
        while len(self.connections) < count:
            _, connection = await asyncio.get_running_loop().create_connection(
                Connection, host, int(port)
            )
            self.connections.append(connection)
        return self.connections[:count]


def request(method: str, path: str, body: Any = None) -> bytes:
    """HTTP/1.1 요청입니다. `body`가 있으면 JSON으로 적습니다."""
    lines = [f"{method} {path} HTTP/1.1", "host: 127.0.0.1", "accept: */*"]
    content = b""
    if body is not None:
        content = json.dumps(body).encode()
        lines += ["content-type: application/json"]
    lines += [f"content-length: {len(content)}"]
    return "\r\n".join([*lines, "", ""]).encode() + content


async def fetch(url: str, message: bytes, seconds: float = 30) -> Answer:
    """새 연결로 요청 하나를 보냅니다."""
    async with Client(url) as client, asyncio.timeout(seconds):
        (connection,) = await client.connect(1)
        return await connection.send(message)
