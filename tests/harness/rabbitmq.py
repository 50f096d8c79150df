"""시험에 쓰는 진짜 RabbitMQ. 127.0.0.1에서만 듣고, 끝나면 아무것도 남기지 않습니다."""

import os
from pathlib import Path

import psutil

from harness.processes import Process
from harness.services import free_port

# /usr/sbin의 명령은 rabbitmq 사용자로 바꾸어 실행하므로, 어느 사용자로든 되는 이것을 씁니다.
SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
INSTALL = "RabbitMQ가 없습니다. 설치: sudo apt-get install --no-install-recommends rabbitmq-server"


class RabbitMQ:
    """빈 포트에서 실행되는 RabbitMQ 서버입니다."""

    def __init__(self, data: Path) -> None:
        port = free_port()
        self.url = f"amqp://guest:guest@127.0.0.1:{port}//"
        self._epmd_port = free_port()
        (data / "enabled_plugins").write_text("[].")
        (data / "rabbitmq.conf").write_text(
            "log.console = true\nlog.console.level = info\ndisk_free_limit.absolute = 50MB\n"
        )
        environment = {
            "HOME": str(data),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(self._epmd_port),
            "RABBITMQ_CONFIG_FILE": str(data / "rabbitmq"),
            "RABBITMQ_CONF_ENV_FILE": os.devnull,
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(data / "enabled_plugins"),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_LOG_BASE": str(data),
            "RABBITMQ_MNESIA_BASE": str(data / "mnesia"),
            "RABBITMQ_NODENAME": f"lab{port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(port),
            "RABBITMQ_PID_FILE": str(data / "pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": ("-kernel inet_dist_use_interface {127,0,0,1}"),
        }
        self.process = Process([str(SERVER)], data, environment)
        self.process.wait_for_line("Server startup complete", 40)

    def stop(self) -> None:
        """서버와, 서버가 따로 띄운 이름 서버(epmd)를 끝냅니다."""
        self.process.kill()
        for candidate in psutil.process_iter(["name", "environ"]):
            environment = candidate.info["environ"] or {}
            if environment.get("ERL_EPMD_PORT") == str(self._epmd_port):
                candidate.kill()
