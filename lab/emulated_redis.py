"""Windows에서 쓰는 Redis 에뮬레이터입니다. 실제 Redis가 아니며, 끝나면 데이터도 사라집니다.

Windows에는 Redis 호환 서버의 휠이 없어서 파이썬으로 쓴 fakeredis를 TCP로 제공합니다.
fakeredis의 서버는 오류 응답 뒤에 연결을 끊고, fcntl이 없으면 읽기에서 멈추므로 처리기를 바꿉니다.
"""

import select
import socket
import sys

import redis
from fakeredis._clients import _tcp_server
from fakeredis._commands import command
from fakeredis.commands_mixins.server_mixin import ServerCommandsMixin

POLL_SECONDS = 0.005
"""푸시할 응답이 생겼는지 살펴보는 간격(초)입니다."""


@command((), (bytes,))
def info(_self: ServerCommandsMixin, *_sections: bytes) -> bytes:
    """Celery와 RQ가 서버의 버전을 확인할 때 쓰는 INFO 명령입니다."""
    return b"# Server\r\nredis_version:7.4.0\r\nredis_mode:standalone\r\n"


class RequestHandler(_tcp_server.TCPFakeRequestHandler):
    """클라이언트 하나와 명령과 응답을 주고받습니다."""

    def handle(self) -> None:
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client = self.current_client.get_socket()._client_info
        # RQ가 CLIENT INFO로 읽는 주소입니다. fakeredis는 튜플을 그대로 적습니다.
        client.update(addr="{}:{}".format(*client["addr"]), laddr="{}:{}".format(*client["laddr"]))
        while not self.server._shutdown_event.is_set():
            try:
                if self.current_client.can_read():
                    self.writer.dump(self._response())
                elif select.select([self.connection], [], [], POLL_SECONDS)[0]:
                    data = self.connection.recv(65536)
                    if not data:
                        return
                    self.current_client.get_socket().sendall(data)
            except OSError:
                return  # 클라이언트가 연결을 끊었습니다.

    def _response(self) -> object:
        try:
            return self.current_client.read_response()
        except redis.ResponseError as error:
            return error


def serve(port: int) -> None:
    """127.0.0.1의 `port`에서 Redis 명령을 받습니다."""
    _tcp_server.HAS_FCNTL = False
    ServerCommandsMixin.info = info  # type: ignore[attr-defined]
    server = _tcp_server.TcpFakeServer(
        ("127.0.0.1", port), server_type="redis", server_version=(7, 4)
    )
    server.RequestHandlerClass = RequestHandler
    server.daemon_threads = True
    print(f"Redis 에뮬레이터가 127.0.0.1:{port}에서 실행 중입니다 (실제 Redis가 아닙니다)")
    server.serve_forever()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
