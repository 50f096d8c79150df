"""테스트에 쓰는 실제 RabbitMQ. 시작이 느리므로 모든 테스트 프로세스가 하나를 나누어 씁니다."""

import json
import os
import subprocess
import sys
import time
import urllib.parse
from pathlib import Path
from typing import Any

import httpx
import pytest
from filelock import FileLock
from kombu import Connection, Queue

from lab.services import INSTALL_RABBITMQ, accepts, find_rabbitmq, free_port

TESTS = Path(__file__).parent.parent
START_SECONDS = 50
USER = ("guest", "guest")
keepers: list[subprocess.Popen[bytes]] = []
"""테스트가 끝날 때까지 실행되므로, 끝나지 않았다는 경고를 받지 않게 붙잡아 둡니다."""


def start_once(folder: Path, controller: int) -> dict[str, int]:
    """첫 테스트가 시작하고, 나머지는 그 포트를 받습니다. 서버는 `controller`와 함께 끝납니다."""
    state = folder / "rabbitmq.json"
    with FileLock(folder / "rabbitmq.lock"):
        if not state.exists():
            chosen = {"amqp": free_port(), "management": free_port()}
            numbers = [str(port) for port in chosen.values()]
            with (folder / "rabbitmq.log").open("wb") as log:
                keeper = [sys.executable, "-m", "harness.keeper", str(controller)]
                process = subprocess.Popen(
                    [*keeper, sys.executable, "-m", "lab.rabbitmq", *numbers],
                    cwd=folder,
                    env={**os.environ, "PYTHONPATH": str(TESTS)},
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    # Ctrl+C는 테스트가 받고, 서버는 테스트가 끝나면 끝납니다.
                    start_new_session=True,
                )
                keepers.append(process)
            state.write_text(json.dumps(chosen))
    ports: dict[str, int] = json.loads(state.read_text())
    deadline = time.monotonic() + START_SECONDS
    # 관리 화면이 AMQP보다 늦게 열립니다.
    while not (accepts(ports["amqp"]) and accepts(ports["management"])):
        if time.monotonic() > deadline:
            raise AssertionError(f"RabbitMQ가 시작하지 못했습니다:\n{read_log(folder)}")
        time.sleep(0.05)
    return ports


def read_log(folder: Path) -> str:
    return (folder / "rabbitmq.log").read_text(encoding="utf-8", errors="replace")


def require_rabbitmq() -> None:
    """RabbitMQ가 없으면 테스트를 건너뜁니다. CI에서는 실패합니다."""
    if find_rabbitmq() is None:
        if os.environ.get("CI"):
            pytest.fail(INSTALL_RABBITMQ)
        pytest.skip(INSTALL_RABBITMQ)


class RabbitMQ:
    """나누어 쓰는 서버 안의, 이 테스트만 쓰는 가상 호스트입니다."""

    def __init__(self, ports: dict[str, int], vhost: str) -> None:
        self.port = ports["amqp"]
        self.vhost = urllib.parse.quote(vhost, safe="")
        self.url = self.url_through(self.port)
        api = f"http://127.0.0.1:{ports['management']}/api"
        with httpx.Client(auth=USER, trust_env=False, timeout=30) as client:
            client.put(f"{api}/vhosts/{self.vhost}").raise_for_status()

    def url_through(self, port: int) -> str:
        """이 가상 호스트의, `port`로 가는 주소입니다."""
        return f"amqp://guest:guest@127.0.0.1:{port}/{self.vhost}"

    def count(self, queue: str) -> int:
        """큐에서 기다리는 메시지의 수입니다."""
        with Connection(self.url) as connection:
            declared: Any = Queue(queue, channel=connection.default_channel).queue_declare(
                passive=True
            )
            return int(declared.message_count)

    def take(self, queue: str) -> Any:
        """큐에서 메시지 하나를 꺼냅니다. 없으면 None입니다."""
        with Connection(self.url) as connection:
            return Queue(queue, channel=connection.default_channel).get(no_ack=True)
