"""이 컴퓨터에서 실습할 수 있는지 하나씩 확인하는 함수입니다. 고칠 것이 있으면 Problem을 냅니다."""

import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
import webbrowser
from contextlib import closing
from pathlib import Path

import redis

from lab.catalogue import EXAMPLES
from lab.processes import Child, StartError, stop_all, wait_until_ready
from lab.services import ServiceUnavailableError, accepts, free_port, redis_command
from lab.serving import user_of
from lab.site import ROOT, SiteError, build_site

PYTHON = (3, 11)
FREE_MEGABYTES = 500
START_SECONDS = 20


class Problem(Exception):
    """고쳐야 할 것이 있습니다. 메시지는 무엇을 할지 알려 줍니다."""


def check_python() -> str:
    """과정이 요구하는 버전의 Python인지 봅니다."""
    if sys.version_info < PYTHON:
        wanted = ".".join(map(str, PYTHON))
        raise Problem(f"Python {wanted} 이상이 필요합니다. 실행하세요: uv python install {wanted}")
    return f"{platform.python_version()} ({platform.system()} {platform.machine()})"


def check_uv() -> str:
    """`uv`를 실행할 수 있는지 봅니다."""
    program = os.environ.get("UV") or shutil.which("uv")
    advice = "설치하세요: pip install uv"
    if program is None:
        raise Problem(advice)
    try:
        answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        raise Problem(f"{program}을 실행하지 못했습니다. 다시 {advice}") from None
    return answer.stdout.strip()


def check_port(port: int) -> str:
    """실습 도구가 쓸 포트가 비어 있는지 봅니다."""
    if free_port(port) != port:
        user = user_of(port) or "다른 프로그램"
        raise Problem(
            f"{port}번 포트를 {user}이(가) 쓰고 있습니다. "
            "그 프로그램을 끝내거나, 실습 도구가 고르는 다른 포트를 쓰세요"
        )
    return f"{port}번 포트가 비어 있습니다"


def check_loopback() -> str:
    """127.0.0.1로 연결할 수 있는지 봅니다. 막는 방화벽이 있습니다."""
    try:
        with closing(socket.create_server(("127.0.0.1", 0))) as server:
            socket.create_connection(server.getsockname(), timeout=5).close()
    except OSError as error:
        raise Problem(
            f"127.0.0.1에 연결하지 못했습니다({error}). 방화벽이나 보안 프로그램을 확인하세요"
        ) from None
    return "127.0.0.1에 연결할 수 있습니다"


def check_disk() -> str:
    """남은 디스크가 넉넉한지 봅니다."""
    megabytes = shutil.disk_usage(ROOT).free // 2**20
    if megabytes < FREE_MEGABYTES:
        raise Problem(f"{megabytes}MB 남았습니다. {FREE_MEGABYTES}MB 이상 비우세요")
    return f"{megabytes:,}MB 남았습니다"


def check_folder(folder: Path = EXAMPLES) -> str:
    """예제가 파일을 쓸 수 있는 폴더인지 봅니다."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError:
        raise Problem(f"{folder}에 쓸 수 없습니다. 쓸 수 있는 폴더에 저장소를 받으세요") from None
    return f"{folder.parent}에 쓸 수 있습니다"


def check_broker() -> str:
    """이 컴퓨터의 브로커를 실제로 시작해 PONG을 받습니다."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="lab-", ignore_cleanup_errors=True) as data:
        try:
            command = redis_command(port, Path(data))
        except ServiceUnavailableError as error:
            raise Problem(str(error)) from None
        broker = Child("broker", command, Path(data), {}, lambda _name, _line: None)
        client = redis.Redis(port=port, socket_timeout=2, socket_connect_timeout=2)
        try:
            wait_until_ready(broker, lambda: accepts(port), START_SECONDS)
            client.ping()
            version = client.info("server")["redis_version"]
        except (StartError, redis.RedisError) as error:
            raise Problem(
                f"브로커가 시작하지 못했습니다. 이 출력을 강사에게 보이세요\n{error}"
            ) from None
        finally:
            client.close()
            stop_all([broker], 5)
    name = Path(command[0]).name
    kind = f"{name}, Redis {version} 호환" if "-m" not in command else "에뮬레이터(fakeredis)"
    return f"PONG을 받았습니다 ({kind})"


def check_browser() -> str:
    """자동으로 열 브라우저가 있는지 봅니다."""
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        raise Problem(
            "자동으로 열 브라우저를 찾지 못했습니다. 주소를 브라우저에 직접 적으세요"
        ) from None
    return str(getattr(browser, "name", "기본 브라우저"))


def check_site() -> str:
    """사이트를 빌드할 수 있는지 봅니다."""
    try:
        build_site()
    except SiteError as error:
        raise Problem(f"{error}\n예제는 사이트 없이도 실행됩니다") from None
    return "빌드했습니다"


def check_terminal() -> str:
    """터미널이 한국어를 출력할 수 있는지 봅니다."""
    encoding = sys.stdout.encoding
    if encoding.lower().replace("-", "") != "utf8":
        raise Problem(
            f"{encoding}을(를) 쓰고 있어 글자가 깨질 수 있습니다. UTF-8로 바꾸세요"
            " (Windows: chcp 65001 / Linux, macOS: export LANG=C.UTF-8)"
        )
    return "UTF-8"
