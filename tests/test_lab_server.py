"""실습 도구의 서버: 길을 내고, 고장을 내고, 남의 요청은 거절합니다."""

import gzip
import os
import secrets
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from fastapi.testclient import TestClient

from conftest import EXAMPLES
from harness.processes import Process, WebServer
from harness.waiting import wait_until
from lab import proxy
from lab.burst import MAX_BODY
from lab.cli import main
from lab.server import create_app
from lab.services import free_port
from lab.telemetry import MAX_BODY_BYTES
from test_lab import LAB
from test_telemetry import exported

pytestmark = pytest.mark.whole


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    """예제를 시작하지 않은 서버입니다."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lab.supervisor.CHECK_SECONDS", 0.05)
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
    "path",
    [
        *("/lab/programs/01_basic/processes/web/kill", "/run/01_basic/x", "/v1/traces"),
        *("/lab/burst", "/lab/check/01-1"),
    ],
)
def test_a_page_from_elsewhere_cannot_change_anything(
    client: TestClient, path: str, origin: str
) -> None:
    answer = client.post(path, headers={"Origin": origin})

    assert answer.status_code == 403
    assert "다른 사이트에서 온 요청" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("POST", {"Sec-Fetch-Site": "cross-site"}),
        ("GET", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}),
        ("GET", {"Origin": "http://evil.example"}),
    ],
)
def test_a_page_from_elsewhere_cannot_start_an_example(
    client: TestClient, method: str, headers: dict[str, str]
) -> None:
    assert client.request(method, "/run/02_multiple/docs", headers=headers).status_code == 403
    assert client.get("/lab/programs/02_multiple").json()["state"] == "stopped"


def test_a_link_from_elsewhere_may_be_followed(client: TestClient) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}

    assert client.get("/run/none/docs", headers=headers).status_code == 404


def test_the_page_of_the_lab_itself_may_change_things(client: TestClient) -> None:
    headers = {"Origin": "http://127.0.0.1:8000"}

    assert client.post("/lab/programs/01_basic/stop", headers=headers).status_code == 200


def test_an_unknown_exercise_is_not_found(client: TestClient) -> None:
    answer = client.post("/lab/check/99-9")

    assert answer.status_code == 404
    assert "연습이 없습니다" in answer.json()["detail"]


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
    """자식 프로세스로 실행한 실제 실습 도구와, 이 테스트만 쓰는 추적의 번호입니다."""

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

    def wait_for_task(self) -> None:
        wait_until(lambda: self.spans("fastapi.background_task"), "백그라운드 태스크의 스팬")


@pytest.fixture(scope="module")
def lab_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """실습 도구를 한 번만 띄웁니다. 테스트는 저마다 다른 추적이나 예제를 씁니다."""
    port = free_port()
    env = {"STEP_SECONDS": "2", "TASK_SECONDS": "1"}
    # 회사의 프록시가 설정되어 있어도 이 컴퓨터 안의 요청과 스팬은 거기로 가지 않습니다.
    env |= {"HTTP_PROXY": f"http://127.0.0.1:{free_port()}", "NO_PROXY": "", "no_proxy": ""}
    command = [*LAB, "--no-browser", "--port", str(port)]
    lab = Process(command, tmp_path_factory.mktemp("lab"), env)
    with ExitStack() as stack:
        stack.callback(lab.kill)
        stack.callback(lab.terminate)
        yield lab


def url_of(lab: Process) -> str:
    return lab.wait_for_line("준비됨: ").split()[1]


@pytest.fixture
def running_lab(lab_process: Process) -> Iterator[RunningLab]:
    with httpx.Client(base_url=url_of(lab_process), timeout=60) as client:
        yield RunningLab(client)


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


def test_a_killed_worker_leaves_an_open_span_and_can_be_started_again(
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


def test_a_killed_work_horse_of_rq_leaves_an_open_span_and_the_retry_is_in_the_same_trace(
    running_lab: RunningLab,
) -> None:
    path = "/run/06_rq/process-data/"
    running_lab.client.post(path, json={"a": 1}, headers=running_lab.traceparent)
    wait_until(lambda: running_lab.spans("run/"), "워커에서 시작한 태스크")
    (started,) = running_lab.spans("run/")
    os.kill(started["pid"], signal.SIGKILL)

    wait_until(lambda: len(running_lab.spans("run/")) == 2, "재시도")
    wait_until(lambda: running_lab.spans("run/")[1]["end"], "재시도한 태스크의 끝")
    (sent,) = running_lab.spans("enqueue/")
    first, second = running_lab.spans("run/")
    assert (sent["process"], sent["kind"]) == ("web", "PRODUCER")
    for run in (first, second):
        assert (run["process"], run["kind"]) == ("worker", "CONSUMER")
        assert run["parent_id"] == sent["span_id"]
    assert first["end"] is None


def test_the_work_of_the_consumer_is_in_the_trace_of_the_request(running_lab: RunningLab) -> None:
    body = {"name": "김하나", "email": "user@example.com"}
    path = "/run/07_kafka/users/"
    answer = running_lab.client.post(path, json=body, headers=running_lab.traceparent)
    assert answer.status_code == 202, answer.text

    wait_until(lambda: running_lab.spans("consume/"), "컨슈머가 시작한 일")
    wait_until(lambda: running_lab.spans("consume/")[0]["end"], "컨슈머가 끝낸 일")
    (request,) = running_lab.spans("POST /users/")
    (published,) = running_lab.spans("publish/user.created")
    (consumed,) = running_lab.spans("consume/user.created")
    assert (consumed["process"], consumed["parent_id"]) == ("consumer", published["span_id"])
    assert published["end"] <= request["end"] <= consumed["end"]
    assert running_lab.act("07_kafka", "broker", "stop").status_code == 200
    assert running_lab.client.post(path, json=body).status_code == 503


def test_the_broker_can_be_frozen_thawed_stopped_and_started(running_lab: RunningLab) -> None:
    def submit() -> int:
        return running_lab.client.post("/run/04_celery/process-data/", json={}).status_code

    assert submit() == 200
    for action, expected in [("freeze", 503), ("thaw", 200), ("stop", 503), ("start", 200)]:
        answer = running_lab.act("04_celery", "broker", action)
        assert answer.status_code == 200, answer.text
        assert submit() == expected, action


def test_a_forged_line_in_the_path_reaches_the_example(running_lab: RunningLab) -> None:
    forged = "a@example.com%0Aforged@example.com:%20hi"

    answer = running_lab.client.post(f"/run/01_basic/send-notification/{forged}")

    assert answer.status_code == 422
    assert "이메일 주소 형식이 아닙니다" in answer.json()["detail"][0]["msg"]


@pytest.mark.parametrize(
    ("path", "status"),
    [("%30%31_basic/openapi.json", 200), ("01_basic%2Fopenapi.json", 404)],
)
def test_an_encoded_name_of_an_example_is_not_part_of_the_path_that_it_gets(
    running_lab: RunningLab, path: str, status: int
) -> None:
    answer = running_lab.client.get(f"/run/{path}")

    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/json")


def test_a_method_that_the_lab_does_not_know_is_answered_by_the_example(
    running_lab: RunningLab,
) -> None:
    answer = running_lab.client.request("PROPFIND", "/run/01_basic/send-notification/a@example.com")

    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


def test_the_address_of_an_example_alone_shows_the_requests_that_it_takes(
    running_lab: RunningLab,
) -> None:
    answer = running_lab.client.get("/run/01_basic")
    assert (answer.status_code, answer.headers["location"]) == (307, "/run/01_basic/docs")

    answer = running_lab.client.get("/run/01_basic/?a=1")
    assert (answer.status_code, answer.json()) == (404, {"detail": "Not Found"})


def test_a_fault_that_was_refused_leaves_no_mark(running_lab: RunningLab) -> None:
    headers = running_lab.traceparent
    assert (
        running_lab.client.post("/run/03_dependencies/items/2", headers=headers).status_code == 200
    )
    running_lab.wait_for_task()

    for action in ("start", "thaw"):
        assert running_lab.act("03_dependencies", "web", action).status_code == 409

    assert running_lab.trace()["faults"] == []


def test_a_dead_web_process_is_a_502_and_can_be_started_again(running_lab: RunningLab) -> None:
    assert running_lab.client.post("/run/03_dependencies/items/1").status_code == 200
    running_lab.act("03_dependencies", "web", "kill")

    answer = running_lab.client.post("/run/03_dependencies/items/1")
    assert answer.status_code == 502
    assert "웹 프로세스가 답하지 않습니다" in answer.json()["detail"]
    assert running_lab.client.get("/run/03_dependencies/docs").status_code == 502
    assert running_lab.act("03_dependencies", "none", "kill").status_code == 404

    running_lab.act("03_dependencies", "web", "start")
    assert running_lab.client.post("/run/03_dependencies/items/1").status_code == 200


@pytest.fixture
def served_text() -> Iterator[int]:
    """글로만 답하는, 실습 도구가 아닌 서버의 포트입니다."""

    class Texts(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"hello")

        def log_message(self, format: str, *args: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Texts) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def fault_by_command(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int | str | None:
    """`lab kill …`을 실행하고 종료 코드를 돌려줍니다."""
    monkeypatch.setattr(sys, "argv", ["lab", *arguments])
    with pytest.raises(SystemExit) as end:
        main()
    return end.value.code


def test_a_fault_by_command_without_a_lab_says_what_to_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fault_by_command(monkeypatch, "kill", "01", "web", "--port", str(free_port())) == 1
    assert "먼저 uv run lab 을 실행하세요" in capsys.readouterr().out


def test_a_fault_sent_to_another_program_says_that_it_is_no_lab(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], served_text: int
) -> None:
    assert fault_by_command(monkeypatch, "kill", "01", "web", "--port", str(served_text)) == 1
    assert "실습 도구가 아닙니다" in capsys.readouterr().out


def test_two_labs_on_one_machine_use_two_ports_and_do_not_mix(
    running_lab: RunningLab,
    lab_process: Process,
    processes: ExitStack,
    working_directory: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    port = running_lab.client.base_url.port
    second = Process([*LAB, "--no-browser", "--port", str(port)], working_directory)
    processes.callback(second.kill)
    processes.callback(second.terminate)
    taken = second.wait_for_line(f"{port}번 포트를 ")
    assert f"({lab_process.pid})이(가) 쓰고 있어" in taken
    client = processes.enter_context(httpx.Client(base_url=url_of(second), timeout=60))
    assert client.base_url.port != port

    labs = [running_lab, RunningLab(client)]
    for lab in labs:
        path = "/run/01_basic/send-notification/user@example.com"
        assert lab.client.post(path, headers=lab.traceparent).status_code == 200
        lab.wait_for_task()
    for lab, other in [labs, labs[::-1]]:
        assert lab.client.get(f"/lab/traces/{other.trace_id}").status_code == 404

    (before,) = client.get("/lab/programs/01_basic").json()["processes"]
    named = ["--port", str(client.base_url.port)]
    assert fault_by_command(monkeypatch, "kill", "01", "web", *named) == 0
    assert "01_basic의 web: kill → stopped" in capsys.readouterr().out
    assert not runs(before["pid"])
    (other_web,) = running_lab.client.get("/lab/programs/01_basic").json()["processes"]
    assert other_web["state"] == "running"


def test_a_burst_fills_the_forty_threads_of_the_pool(running_lab: RunningLab) -> None:
    traces = [running_lab.trace_id[:-2] + f"{number:02x}" for number in range(100)]
    burst = {"program": "thread_pool_used_up", "method": "POST", "path": "/broken"}
    answer = running_lab.client.post("/lab/burst", json={**burst, "traces": traces})

    assert answer.json() == {"statuses": [200] * 100}
    threads = "/run/thread_pool_used_up/threads"
    wait_until(
        lambda: running_lab.client.get(threads).json()["shared"] == "40/40", "가득 찬 스레드풀"
    )
    wait_until(
        lambda: all(running_lab.client.get(f"/lab/traces/{t}").is_success for t in traces),
        "요청마다 하나씩인 추적",
    )


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"program": "none"}, 404),
        ({"path": "no-slash"}, 422),
        ({"path": "/a\r\nHost: evil.example"}, 422),
        ({"method": "TRACE"}, 422),
        ({"traces": []}, 422),
        ({"traces": ["ab" * 16] * 101}, 422),
        ({"traces": ["not-a-trace-id"]}, 422),
        ({"body": "x" * (MAX_BODY + 1)}, 422),
        ({"body": "x" * (proxy.MAX_BODY_BYTES + 1)}, 413),
    ],
)
def test_a_burst_is_bounded(client: TestClient, change: dict[str, Any], status: int) -> None:
    burst = {"program": "01_basic", "method": "POST", "path": "/", "traces": ["ab" * 16]}

    answer = client.post("/lab/burst", json={**burst, **change})

    assert answer.status_code == status
    assert answer.json()["detail"]
    assert client.get("/lab/programs/01_basic").json()["state"] == "stopped"


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

    running_lab.wait_for_task()
