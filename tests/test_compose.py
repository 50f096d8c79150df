"""compose.yaml: 예제의 기본 주소에서, 이 컴퓨터에서만 연결되는 브로커를 띄웁니다."""

import re
import shutil
import subprocess
from typing import Any
from urllib.parse import urlsplit

import pytest
from mkdocs.utils.yaml import yaml_load

from conftest import EXAMPLES
from lab.site import ROOT

FILE = ROOT / "compose.yaml"
DEFAULT = re.compile(r'os\.environ\.get\("(\w+)", "([^"]+)"\)')
SERVICE_OF = {
    "REDIS_URL": "valkey",
    "RABBITMQ_URL": "rabbitmq",
    "KAFKA_BOOTSTRAP_SERVERS": "kafka",
}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    settings: dict[str, Any] = yaml_load(FILE.read_text(encoding="utf-8"))
    return settings


def default_ports() -> dict[str, set[int]]:
    """예제가 기본으로 연결하는 포트를 서비스마다 모읍니다."""
    found: dict[str, set[int]] = {}
    for file in EXAMPLES.rglob("*.py"):
        for variable, value in DEFAULT.findall(file.read_text(encoding="utf-8")):
            if variable in SERVICE_OF:
                address = value if "//" in value else f"//{value}"
                port = urlsplit(address).port
                found.setdefault(SERVICE_OF[variable], set()).add(port or 0)
    return found


def test_each_broker_listens_where_the_examples_look_for_it(compose: dict[str, Any]) -> None:
    published = {
        name: {int(port.split(":")[1]) for port in service["ports"]}
        for name, service in compose["services"].items()
    }

    assert published.keys() == default_ports().keys() == {*SERVICE_OF.values()}
    for name, ports in default_ports().items():
        assert ports <= published[name]


def test_no_broker_can_be_reached_from_another_computer(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        for port in service["ports"]:
            assert re.fullmatch(r"127\.0\.0\.1:\d+:\d+", port)


def test_each_broker_keeps_its_data_has_a_fixed_version_and_says_when_it_is_ready(
    compose: dict[str, Any],
) -> None:
    for name, service in compose["services"].items():
        assert re.search(r":\d", service["image"])
        assert service["volumes"][0].startswith(f"{name}:/")
        assert name in compose["volumes"]
        assert service["healthcheck"]["test"][0] == "CMD"


def test_kafka_runs_without_zookeeper_and_sends_clients_back_to_this_computer(
    compose: dict[str, Any],
) -> None:
    settings = compose["services"]["kafka"]["environment"]
    listeners = dict(each.split("://") for each in settings["KAFKA_LISTENERS"].split(","))

    assert {*settings["KAFKA_PROCESS_ROLES"].split(",")} == {"broker", "controller"}
    assert settings["KAFKA_CONTROLLER_LISTENER_NAMES"] in listeners
    voter = settings["KAFKA_CONTROLLER_QUORUM_VOTERS"]
    assert voter == f"{settings['KAFKA_NODE_ID']}@localhost{listeners['CONTROLLER']}"
    assert settings["KAFKA_ADVERTISED_LISTENERS"] == "PLAINTEXT://127.0.0.1:9092"
    # 값을 따옴표 없이 적으면 YAML이 숫자로 읽습니다.
    assert all(isinstance(value, str) for value in settings.values())


def has_compose() -> bool:
    """`docker compose`를 쓸 수 있으면 참입니다. docker만 있고 compose는 없을 수 있습니다."""
    if shutil.which("docker") is None:
        return False
    return subprocess.run(["docker", "compose", "version"], capture_output=True).returncode == 0


def test_docker_accepts_the_file_where_it_is_installed() -> None:
    """나머지 테스트는 Docker가 없어도 같은 파일을 확인합니다."""
    if not has_compose():
        return
    command = ["docker", "compose", "--file", str(FILE), "config", "--quiet"]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
