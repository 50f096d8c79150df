"""실습 도구가 RabbitMQ를 고르고, 시작하고, 남김없이 끝냅니다."""

import sys
from contextlib import ExitStack
from pathlib import Path

import httpx
import psutil
import pytest

from harness.rabbitmq import RabbitMQ
from harness.waiting import wait_until
from lab import catalogue, cli, services
from lab.catalogue import UnknownProgramError
from lab.processes import Child, stop_all
from lab.running import RunningProgram

pytestmark = pytest.mark.whole

STUB = """#!/bin/sh
echo "$ERL_EPMD_PORT $RABBITMQ_NODE_IP_ADDRESS $RABBITMQ_NODE_PORT"
exec sleep 600
"""
"""서버 대신 실행할 것입니다. 실제 서버는 시작하는 데 오래 걸려 한 번만 시작합니다."""


def test_the_broker_of_the_celery_example_can_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []
    monkeypatch.setattr(cli, "serve", lambda program, *_: started.append(program.name))

    for arguments in (["04"], ["04", "--broker", "rabbitmq"], ["04_rabbitmq"]):
        monkeypatch.setattr(sys, "argv", ["lab", *arguments])
        with pytest.raises(SystemExit):
            cli.main()

    assert started == ["04_celery", "04_rabbitmq", "04_rabbitmq"]


def test_an_example_without_celery_has_no_broker_to_choose() -> None:
    with pytest.raises(UnknownProgramError, match="01_basic은 RabbitMQ를 쓰지 않습니다"):
        catalogue.find_variant("01")


def test_redis_stays_beside_rabbitmq_for_results_unless_ones_own_is_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for variable in ("REDIS_URL", "RABBITMQ_URL"):
        monkeypatch.delenv(variable, raising=False)
    variables = catalogue.find_variant("04").variables
    names = [service.name for service in services.services_for(variables)]
    assert sorted(names) == ["broker", "redis"]

    monkeypatch.setenv("RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672//")
    assert [service.name for service in services.services_for(variables)] == ["redis"]


@pytest.mark.parametrize("name", ["04_rabbitmq", "unroutable_message_vanishes"])
def test_without_rabbitmq_the_message_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.delenv("RABBITMQ_URL", raising=False)
    monkeypatch.setattr(services, "find_rabbitmq", lambda: None)
    running = RunningProgram(catalogue.find_program(name), lambda *_: None)

    with pytest.raises(services.ServiceUnavailableError) as caught:
        running.start()
    running.stop()

    for way in (
        "sudo apt-get install",
        "brew install rabbitmq",
        "winget install",
        "docker compose",
    ):
        assert way in str(caught.value)


def test_a_server_on_the_path_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    server = tmp_path / "rabbitmq-server"
    server.write_text(STUB)
    server.chmod(0o755)
    monkeypatch.setattr(services, "RABBITMQ", ())
    monkeypatch.setenv("PATH", str(tmp_path))

    assert services.find_rabbitmq() == str(server)


def epmds(port: str) -> list[psutil.Process]:
    """`port`에서 듣는 이름 서버입니다."""
    return [
        process
        for process in psutil.process_iter(["cmdline", "status"])
        if port in (process.info["cmdline"] or ()) and "epmd" in process.info["cmdline"][0]
    ]


@pytest.mark.parametrize("end", ["kill", "the lab disappears"])
def test_the_name_server_of_rabbitmq_ends_with_it(
    rabbitmq_ports: dict[str, int], processes: ExitStack, tmp_path: Path, end: str
) -> None:
    server = tmp_path / "rabbitmq-server"
    server.write_text(STUB)
    server.chmod(0o755)
    code = f"from lab import rabbitmq; rabbitmq.find_rabbitmq = lambda: {str(server)!r}; "
    command = [sys.executable, "-c", f"{code}rabbitmq.main()", "5999"]
    lines: list[str] = []
    child = Child("broker", command, tmp_path, {}, lambda _, line: lines.append(line))
    processes.callback(stop_all, [child], 0)
    epmd_port, address, port = wait_until(lambda: lines, "서버의 환경 변수")[0].split()
    assert (address, port) == ("127.0.0.1", "5999")
    assert len(epmds(epmd_port)) == 1

    if end == "kill":
        child.kill()
    else:
        # 실습 도구가 kill -9로 사라지면 guard의 입력이 끊깁니다.
        stdin = child._guard.stdin
        assert stdin is not None
        stdin.close()

    wait_until(lambda: not epmds(epmd_port), "끝난 이름 서버")


def test_the_lab_runs_the_same_example_on_rabbitmq(
    rabbitmq: RabbitMQ, processes: ExitStack
) -> None:
    running = RunningProgram(catalogue.find_variant("04"), lambda *_: None)
    processes.callback(running.stop)
    running.start()
    assert list(running.processes) == ["redis", "web", "worker"]

    task_id = httpx.post(f"{running.url}/process-data/", json={"a": 1}).json()["task_id"]

    def succeeded() -> bool:
        status: str = httpx.get(f"{running.url}/task-status/{task_id}").json()["status"]
        return status == "SUCCESS"

    wait_until(succeeded, "SUCCESS")
    # RabbitMQ를 거쳤다면 거기에 큐가 있습니다.
    assert rabbitmq.count("celery") == 0
