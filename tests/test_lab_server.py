"""실습 도구의 서버: 길을 내고, 고장을 내고, 남의 요청은 거절합니다."""

import gzip
import os
import secrets
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from fastapi.testclient import TestClient

from conftest import EXAMPLES
from harness.processes import Process, WebServer
from harness.services import free_port
from harness.waiting import wait_until
from lab.server import create_app
from lab.telemetry import MAX_BODY_BYTES
from test_lab import LAB
from test_telemetry import exported


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """예제를 시작하지 않은 서버입니다."""
    monkeypatch.setattr("lab.supervisor.CHECK_SECONDS", 0.05)
    app = create_app("http://127.0.0.1:8000", None, lambda *_: None)
    with TestClient(app, base_url="http://127.0.0.1:8000") as client:
        yield client


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "evil.example:8000"])
def test_a_foreign_host_is_refused(client: TestClient, host: str) -> None:
    answer = client.get("/lab/programs", headers={"Host": host})

    assert answer.status_code == 403
    assert "127.0.0.1이나 localhost로만" in answer.json()["detail"]


@pytest.mark.parametrize("origin", ["http://evil.example", "http://127.0.0.1:9999", "null"])
@pytest.mark.parametrize(
    "path", ["/lab/programs/01_basic/processes/web/kill", "/run/01_basic/x", "/v1/traces"]
)
def test_a_page_from_elsewhere_cannot_change_anything(
    client: TestClient, path: str, origin: str
) -> None:
    answer = client.post(path, headers={"Origin": origin})

    assert answer.status_code == 403
    assert "다른 사이트에서 온 요청" in answer.json()["detail"]


def test_the_page_of_the_lab_itself_may_change_things(client: TestClient) -> None:
    headers = {"Origin": "http://127.0.0.1:8000"}

    assert client.post("/lab/programs/01_basic/stop", headers=headers).status_code == 200


@pytest.mark.parametrize("path", ["/lab/programs/none", "/run/none/path"])
def test_an_unknown_program_is_not_found(client: TestClient, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code == 404
    assert "'none' 예제나 함정이 없습니다" in answer.json()["detail"]


def test_a_fault_needs_a_running_program(client: TestClient) -> None:
    answer = client.post("/lab/programs/01_basic/processes/web/kill")

    assert answer.status_code == 409
    assert "실행 중이 아닙니다" in answer.json()["detail"]


def test_spans_are_received_plain_and_compressed(client: TestClient) -> None:
    for body, headers in [
        (exported(1), {}),
        (gzip.compress(exported(1)), {"Content-Encoding": "gzip"}),
    ]:
        answer = client.post("/v1/traces", content=body, headers=headers)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/x-protobuf"

    assert len(client.get(f"/lab/traces/{'01' * 16}").json()["spans"]) == 1


def test_a_malformed_or_oversized_export_is_refused(client: TestClient) -> None:
    assert client.post("/v1/traces", content=b"not protobuf").status_code == 400
    assert client.post("/v1/traces", content=bytes(MAX_BODY_BYTES + 1)).status_code == 413


def test_a_program_that_nobody_uses_is_stopped(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = client.post("/lab/programs/01_basic/start").json()
    assert started["state"] == "running"
    (web,) = started["processes"]

    monkeypatch.setattr("lab.supervisor.IDLE_SECONDS", 0)

    def stopped() -> bool:
        state: str = client.get("/lab/programs/01_basic").json()["state"]
        return state == "stopped"

    wait_until(stopped, "쓰지 않는 예제의 종료")
    wait_until(lambda: not runs(web["pid"]), "웹 프로세스의 종료")


def runs(pid: int) -> bool:
    """프로세스가 실행 중이면 참입니다. 거두지 않은 좀비는 끝난 것입니다."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


class RunningLab:
    """자식 프로세스로 실행한 진짜 실습 도구와, 이 시험만 쓰는 추적의 번호입니다."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client
        self.trace_id = secrets.token_hex(16)
        self.traceparent = {"traceparent": f"00-{self.trace_id}-b7ad6b7169203331-01"}

    def act(self, program: str, process: str, action: str) -> httpx.Response:
        return self.client.post(f"/lab/programs/{program}/processes/{process}/{action}")

    def trace(self) -> dict[str, Any]:
        answer: dict[str, Any] = self.client.get(f"/lab/traces/{self.trace_id}").json()
        return answer

    def spans(self, name: str) -> list[dict[str, Any]]:
        return [span for span in self.trace().get("spans", []) if span["name"].startswith(name)]


@pytest.fixture(scope="session")
def lab_client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """실습 도구를 한 번만 띄웁니다. 시험은 저마다 다른 추적이나 예제를 씁니다."""
    port = free_port()
    env = {"STEP_SECONDS": "2", "TASK_TIME_LIMIT": "2.2", "EMAIL_SECONDS": "30"}
    command = [*LAB, "--no-browser", "--port", str(port)]
    lab = Process(command, tmp_path_factory.mktemp("lab"), env)
    with ExitStack() as stack:
        stack.callback(lab.kill)
        stack.callback(lab.terminate)
        lab.wait_for_line("준비됨")
        yield stack.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60))


@pytest.fixture
def running_lab(lab_client: httpx.Client) -> RunningLab:
    return RunningLab(lab_client)


def test_the_response_leaves_before_the_task_in_the_trace_of_the_request(
    running_lab: RunningLab,
) -> None:
    path = "/run/02_multiple/users/?email=user@example.com"
    assert running_lab.client.post(path, headers=running_lab.traceparent).status_code == 200

    def tasks_ended() -> bool:
        tasks = running_lab.spans("fastapi.background_task")
        return len(tasks) == 2 and all(task["end"] for task in tasks)

    wait_until(tasks_ended, "두 태스크의 끝")
    (request,) = running_lab.spans("POST /users/")
    first, second = running_lab.spans("fastapi.background_task")
    assert [first["function"], second["function"]] == ["write_log", "send_email"]
    assert request["end"] <= first["start"] <= first["end"] <= second["start"]


def test_a_killed_worker_leaves_an_open_span_and_the_redelivery_is_in_the_same_trace(
    running_lab: RunningLab,
) -> None:
    running_lab.client.post("/lab/programs/04_celery/stop")
    path = "/run/04_celery/process-data/"
    running_lab.client.post(path, json={"a": 1}, headers=running_lab.traceparent)
    wait_until(lambda: running_lab.spans("run/"), "워커에서 시작한 태스크")

    assert running_lab.act("04_celery", "worker", "kill").status_code == 200
    (open_span,) = running_lab.spans("run/")
    assert (open_span["process"], open_span["end"]) == ("worker", None)
    (fault,) = running_lab.trace()["faults"]
    assert (fault["process"], fault["action"]) == ("worker", "kill")

    assert running_lab.act("04_celery", "worker", "start").status_code == 200
    assert running_lab.act("04_celery", "worker", "start").status_code == 409
    wait_until(lambda: len(running_lab.spans("run/")) == 2, "다시 배달된 태스크")
    wait_until(lambda: running_lab.spans("run/")[1]["end"], "다시 배달된 태스크의 끝")
    assert running_lab.spans("run/")[0]["end"] is None


def test_the_broker_can_be_frozen_thawed_stopped_and_started(running_lab: RunningLab) -> None:
    def submit() -> int:
        return running_lab.client.post("/run/04_celery/process-data/", json={}).status_code

    assert submit() == 200
    for action, expected in [("freeze", 503), ("thaw", 200), ("stop", 503), ("start", 200)]:
        answer = running_lab.act("04_celery", "broker", action)
        assert answer.status_code == 200, answer.text
        assert submit() == expected, action


def test_a_dead_web_process_is_a_502_and_can_be_started_again(running_lab: RunningLab) -> None:
    assert running_lab.client.post("/run/03_dependencies/items/1").status_code == 200
    running_lab.act("03_dependencies", "web", "kill")

    answer = running_lab.client.post("/run/03_dependencies/items/1")
    assert answer.status_code == 502
    assert "웹 프로세스가 답하지 않습니다" in answer.json()["detail"]
    assert running_lab.act("03_dependencies", "none", "kill").status_code == 404

    running_lab.act("03_dependencies", "web", "start")
    assert running_lab.client.post("/run/03_dependencies/items/1").status_code == 200


def test_the_command_line_makes_the_same_faults(running_lab: RunningLab) -> None:
    running_lab.client.post("/lab/programs/01_basic/start")
    port = running_lab.client.base_url.port
    (before,) = running_lab.client.get("/lab/programs/01_basic").json()["processes"]

    kill = Process([*LAB, "kill", "01", "web", "--port", str(port)], Path.cwd())
    assert kill.wait() == 0
    assert "01_basic의 web: kill → stopped" in kill.output
    assert not runs(before["pid"])

    nobody = Process([*LAB, "kill", "01", "web", "--port", str(free_port())], Path.cwd())
    assert nobody.wait() == 1
    assert "먼저 uv run lab 을 실행하세요" in nobody.output


def test_the_tracing_variables_alone_send_the_same_spans_elsewhere(
    processes: ExitStack, running_lab: RunningLab, working_directory: Path
) -> None:
    endpoint = str(running_lab.client.base_url).rstrip("/")
    env = {"FASTAPI_OTEL_AUTO_CONFIGURE": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint}
    env |= {"OTEL_METRICS_EXPORTER": "none", "OTEL_LOGS_EXPORTER": "none"}
    env |= {"OTEL_BSP_SCHEDULE_DELAY": "100", "PATH": os.environ["PATH"]}
    server = WebServer("main:app", EXAMPLES / "01_basic", working_directory, env)
    processes.callback(server.kill)
    processes.callback(server.client.close)

    server.client.post("/send-notification/user@example.com", headers=running_lab.traceparent)

    wait_until(lambda: running_lab.spans("fastapi.background_task"), "백그라운드 태스크의 스팬")
