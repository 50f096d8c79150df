"""서버 앞에서 연결을 넘겨주다가, 얼리거나 끊습니다. 나누어 쓰는 서버는 멈추지 않습니다."""

import socket
import threading
from contextlib import suppress

CHUNK = 64 * 1024


class Relay:
    """빈 포트로 온 연결을 `target` 포트로 넘깁니다."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._asking, self._answering = threading.Event(), threading.Event()
        self.thaw()
        self._server = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._server.getsockname()[1]
        self._sockets = [self._server]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):  # 끊으면 accept가 끝납니다.
            while True:
                client, _ = self._server.accept()
                upstream = socket.create_connection(("127.0.0.1", self._target))
                self._sockets += [client, upstream]
                for way in (
                    (client, upstream, self._asking),
                    (upstream, client, self._answering),
                ):
                    threading.Thread(target=self._copy, args=way, daemon=True).start()

    def _copy(self, source: socket.socket, target: socket.socket, moving: threading.Event) -> None:
        with suppress(OSError):
            while chunk := source.recv(CHUNK):
                moving.wait()
                target.sendall(chunk)
        with suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)

    def freeze(self) -> None:
        """연결은 받지만 아무 답도 하지 않게 합니다. 보낸 것도 서버에 닿지 않습니다."""
        self._asking.clear()
        self._answering.clear()

    def freeze_answers(self) -> None:
        """보낸 것은 서버에 닿지만, 답은 오지 않게 합니다."""
        self._answering.clear()

    def thaw(self) -> None:
        """다시 양쪽으로 넘깁니다."""
        self._asking.set()
        self._answering.set()

    def cut(self) -> None:
        """연결을 모두 끊고, 새 연결을 거부합니다."""
        self.thaw()
        for each in self._sockets:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
