"""이 컴퓨터에 설치된 RabbitMQ를 127.0.0.1에서만 듣고 아무것도 남기지 않게 실행합니다.

`python -m lab.rabbitmq 포트 [관리 화면의 포트]`로 실행합니다. 데이터는 지금 디렉터리에 둡니다.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from lab.services import INSTALL_RABBITMQ, accepts, find_rabbitmq, free_port

CONSUMER_TIMEOUT_SECONDS = int(os.environ.get("CONSUMER_TIMEOUT_SECONDS", "12"))
"""확인 응답을 기다리는 시간입니다. 기본값은 30분이지만, 수업 시간 안에 볼 수 있게 줄입니다."""
EPMD = ("lib/erlang/bin/epmd", "lib/erlang/erts-*/bin/epmd", "erts-*/bin/epmd.exe")
EPMD_SECONDS = 10


def find_epmd() -> str | None:
    """Erlang의 이름 서버(epmd)입니다. PATH에 없으면 `erl`이 설치된 곳에서 찾습니다."""
    erl = shutil.which("erl")
    homes: Iterator[Path] = chain(
        Path(erl).resolve().parents if erl else (),
        (Path(home) for home in [os.environ.get("ERLANG_HOME")] if home),
    )
    found = (str(file) for home in homes for name in EPMD for file in home.glob(name))
    return shutil.which("epmd") or next(found, None)


def start_epmd(port: int) -> None:
    """이름 서버를 앞에서 실행합니다. RabbitMQ가 띄우게 두면 뒤로 숨어, 끝난 뒤에도 남습니다."""
    epmd = find_epmd()
    if epmd is None:
        return
    # 이 프로세스의 그룹에 있으므로, 그룹을 끝낼 때 함께 끝납니다.
    arguments = ["-address", "127.0.0.1", "-port", str(port)]
    subprocess.Popen([epmd, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + EPMD_SECONDS
    while not accepts(port) and time.monotonic() < deadline:
        time.sleep(0.02)


def write_configuration(folder: Path, management: int | None) -> None:
    """설정 파일을 적습니다. `management`를 주면 그 포트에 관리 화면을 엽니다."""
    settings = {
        "consumer_timeout": CONSUMER_TIMEOUT_SECONDS * 1000,
        "disk_free_limit.absolute": "50MB",
        "log.console": "true",
        "log.console.level": "warning",
    }
    if management is not None:
        settings |= {"management.tcp.ip": "127.0.0.1", "management.tcp.port": management}
    lines = (f"{name} = {value}\n" for name, value in settings.items())
    (folder / "rabbitmq.conf").write_text("".join(lines), encoding="utf-8")
    plugins = "[rabbitmq_management]." if management is not None else "[]."
    (folder / "enabled_plugins").write_text(plugins, encoding="utf-8")


def environment(port: int, epmd_port: int, folder: Path) -> dict[str, str]:
    """서버에 줄 환경 변수입니다. 이 컴퓨터의 다른 RabbitMQ와 파일도 포트도 나누지 않습니다."""
    return {
        "HOME": str(folder),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_EPMD_PORT": str(epmd_port),
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq"),
        "RABBITMQ_CONF_ENV_FILE": os.devnull,
        "RABBITMQ_DIST_PORT": str(free_port()),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
        "RABBITMQ_LOGS": "-",
        "RABBITMQ_LOG_BASE": str(folder),
        "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
        "RABBITMQ_NODENAME": f"lab{port}@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_PID_FILE": str(folder / "pid"),
        # 확인 응답이 늦는지를 60초마다 보는 기본값도 줄입니다.
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": (
            "-kernel inet_dist_use_interface {127,0,0,1} -rabbit channel_tick_interval 1000"
        ),
    }


def main() -> None:
    """포트를 인자로 받아 서버를 실행합니다. 이 프로세스가 그대로 서버가 됩니다."""
    port, *rest = map(int, sys.argv[1:])
    server = find_rabbitmq()
    if server is None:
        sys.exit(INSTALL_RABBITMQ)
    folder = Path.cwd() / "rabbitmq"
    folder.mkdir(exist_ok=True)
    write_configuration(folder, rest[0] if rest else None)
    epmd_port = free_port()
    start_epmd(epmd_port)
    variables = {**os.environ, **environment(port, epmd_port, folder)}
    if os.name == "posix":
        os.execve(server, [server], variables)
    sys.exit(subprocess.call([server], env=variables))


if __name__ == "__main__":
    main()
