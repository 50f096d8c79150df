"""테스트마다 새로 띄우는 브로커와 메일 서버."""

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import redis
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from harness.processes import Process, PythonModule
from harness.waiting import wait_until
from lab.services import free_port, redis_command


class Valkey:
    """빈 포트에서 실행되는 실제 Valkey 서버입니다. 죽였다가 같은 데이터로 다시 띄울 수 있습니다."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        self.process = Process(redis_command(self.port, self.data), self.data)
        self.client = redis.Redis.from_url(self.url, decode_responses=True)
        try:
            wait_until(self._answers, "Valkey의 PONG")
        except BaseException:  # 기다리다가 Ctrl+C를 받아도 남지 않게 합니다.
            self.process.kill()
            raise

    def _answers(self) -> bool:
        if self.process.popen.poll() is not None:
            raise AssertionError(f"Valkey가 시작하지 못했습니다:\n{self.process.output}")
        try:
            with closing(socket.create_connection(("127.0.0.1", self.port), timeout=1)) as probe:
                probe.sendall(b"PING\r\n")
                return probe.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    def wait_for_idle_workers(self, count: int) -> None:
        """RQ 워커 `count`개가 모두 큐에서 기다리고 있을 때까지 기다립니다."""
        wait_until(lambda: self.client.info("clients")["blocked_clients"] == count, "쉬는 워커")

    def stop(self) -> None:
        """연결이 거부되는 상태로 만듭니다."""
        self.client.close()
        if self.process.popen.poll() is None:
            self.process.thaw()
            self.process.terminate()


class KafkaProcess(PythonModule):
    measured = False


class EmbeddedKafka:
    """빈 포트에서 실행되는 연습용 브로커입니다. 다시 켜면 같은 포트에서 빈 로그로 시작합니다."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.servers = f"127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        command = ["lab.embedded_kafka", str(self.port)]
        self.process = KafkaProcess(command, self.folder)
        self.process.wait_for_line("연습용 브로커입니다")

    def stop(self) -> None:
        """연결이 거부되는 상태로 만듭니다."""
        self.process.kill()


class Mailbox:
    """받은 메일을 모아 두는 SMTP 서버입니다."""

    def __init__(self) -> None:
        self.mails: list[Envelope] = []
        self._controller = Controller(
            self, hostname="127.0.0.1", port=free_port(), enable_SMTPUTF8=True
        )
        self._controller.start()
        self.port: int = self._controller.port

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.mails.append(envelope)
        return "250 OK"

    def stop(self) -> None:
        self._controller.stop()


@contextmanager
def listening_but_silent() -> Iterator[int]:
    """연결은 받지만 아무 답도 하지 않는 포트입니다."""
    with closing(socket.socket()) as server:
        server.bind(("127.0.0.1", 0))
        server.listen(128)
        yield server.getsockname()[1]
