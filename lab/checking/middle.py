"""태스크를 실행하는 프로세스와 Redis 사이에서, 쓰기가 끝난 바로 그 자리를 붙잡습니다."""

import re
import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

from lab.checking.redis_broker import RedisBroker

CHUNK = 64 * 1024
COMMAND = re.compile(rb"\*\d+\r\n\$\d+\r\n([A-Za-z]+)\r\n")
WORD = re.compile(rb"\$\d+\r\n(.*?)\r\n", re.DOTALL)
LONGEST = 60
SCRIPTS = {"eval", "evalsha", "fcall"}
"""서버가 쓰는 명령이라고 알려 주지 않지만, 안에서 쓸 수 있는 명령입니다."""
OF_RQ = b"rq:"
"""RQ가 스스로 보내는 명령에는 모두 이 글이 들어 있습니다."""


class Middle:
    """`url`로 온 연결을 Redis로 넘깁니다.

    `hold`를 부르면, 답의 코드가 쓴 것을 Redis가 받아들인 다음 그 답을 넘기지 않고 붙잡습니다.
    붙잡힌 프로세스는 다음 줄로 가지 못하므로, 죽이면 언제나 같은 자리에서 죽습니다.
    """

    def __init__(self, broker: RedisBroker) -> None:
        self._broker = broker
        self._wanted: bytes | None = None
        self._held = threading.Event()
        self._free = threading.Event()
        self._sockets: list[socket.socket] = []
        self.last = b""
        """마지막으로 붙잡은 쓰기입니다."""

    def __enter__(self) -> Self:
        table = self._broker.client.command()
        self._writes = SCRIPTS | {
            name for name, about in table.items() if "write" in about["flags"]
        }
        self._server = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._sockets.append(self._server)
        self.url = f"redis://127.0.0.1:{self._server.getsockname()[1]}/0"
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.let_go()
        for each in self._sockets:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def hold(self, text: bytes = b"") -> None:
        """다음에 오는, `text`가 든 쓰기를 하나만 붙잡습니다."""
        self._held.clear()
        self._free.clear()
        self._wanted = text

    @property
    def held(self) -> bool:
        """쓰기가 끝난 자리에서 붙잡고 있으면 참입니다."""
        return self._held.is_set()

    @property
    def written(self) -> str:
        """마지막으로 붙잡은 쓰기를 사람이 읽는 글로 바꾼 것입니다. 예: SADD done:2026-04 하나"""
        words = [found.decode("utf-8", "replace") for found in WORD.findall(self.last)]
        text = " ".join(word for word in words if word not in ("MULTI", "EXEC"))
        return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"

    def let_go(self) -> None:
        """붙잡은 것을 놓고, 더는 붙잡지 않습니다."""
        self._wanted = None
        self._free.set()

    def _accept(self) -> None:
        with suppress(OSError):  # 닫으면 accept가 끝납니다.
            while True:
                client, _ = self._server.accept()
                redis = socket.create_connection(("127.0.0.1", self._broker.port))
                self._sockets += [client, redis]
                asked: list[bytes] = []
                for target, arguments in (
                    (self._ask, (client, redis, asked)),
                    (self._answer, (redis, client, asked)),
                ):
                    threading.Thread(target=target, args=arguments, daemon=True).start()

    def _ask(self, client: socket.socket, redis: socket.socket, asked: list[bytes]) -> None:
        with suppress(OSError):
            while chunk := client.recv(CHUNK):
                wanted = self._wanted
                if wanted is not None and wanted in chunk and self._is_own_write(chunk):
                    asked.append(chunk)
                redis.sendall(chunk)
        with suppress(OSError):
            redis.shutdown(socket.SHUT_RDWR)

    def _answer(self, redis: socket.socket, client: socket.socket, asked: list[bytes]) -> None:
        with suppress(OSError):
            while chunk := redis.recv(CHUNK):
                # 서버가 모르는 스크립트처럼, 거절한 것은 아직 쓴 것이 아닙니다.
                if asked and not chunk.startswith(b"-") and self._wanted is not None:
                    self.last, self._wanted = asked[-1], None
                    self._held.set()
                    self._free.wait()
                asked.clear()
                client.sendall(chunk)
        with suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)

    def _is_own_write(self, chunk: bytes) -> bool:
        names = (found.decode().lower() for found in COMMAND.findall(chunk))
        return OF_RQ not in chunk and any(name in self._writes for name in names)
