"""04_celery: 실제 워커와 브로커로 확인합니다."""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psutil
import pytest
from celery import Celery
from fastapi.testclient import TestClient

from conftest import Load, Serve, StartWorker
from harness.processes import WebServer
from harness.services import Valkey
from harness.slow_disk import slow_disk
from harness.waiting import wait_until

FAST = {"STEP_SECONDS": "0.01"}


def submit(server: WebServer, data: dict[str, Any]) -> str:
    answer = server.client.post("/process-data/", json=data)
    assert answer.status_code == 200, answer.text
    assert answer.json()["message"] == "데이터 처리가 시작되었습니다"
    task_id: str = answer.json()["task_id"]
    return task_id


def status_of(server: WebServer, task_id: str) -> dict[str, Any]:
    answer = server.client.get(f"/task-status/{task_id}")
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def wait_for_status(server: WebServer, task_id: str, status: str) -> dict[str, Any]:
    def reached() -> dict[str, Any] | None:
        body = status_of(server, task_id)
        return body if body["status"] == status else None

    return wait_until(reached, status) or {}


@pytest.mark.measured
def test_a_task_is_queued_then_done_and_its_result_is_kept(
    serve: Serve, start_worker: StartWorker, valkey: Valkey
) -> None:
    server = serve("04_celery/main")
    task_id = submit(server, {"user": 1, "order": 2})
    assert status_of(server, task_id) == {
        "task_id": task_id,
        "status": "QUEUED",
        "result": None,
        "error": None,
    }

    start_worker("04_celery/celery_worker", FAST)
    body = wait_for_status(server, task_id, "SUCCESS")
    assert body["result"] == {"processed": 2}
    assert valkey.client.hgetall("processed") == {task_id: "2"}


def test_progress_is_visible_while_the_task_runs(
    serve: Serve, start_worker: StartWorker, valkey: Valkey
) -> None:
    server = serve("04_celery/main")
    start_worker("04_celery/celery_worker", {"STEP_SECONDS": "0.3"})
    task_id = submit(server, {"a": 1, "b": 2, "c": 3})

    body = wait_for_status(server, task_id, "PROGRESS")
    assert body["result"]["total"] == 3
    assert body["result"]["done"] in range(3)


@pytest.mark.measured
def test_a_failed_task_answers_200_with_the_type_and_message_of_its_error(
    serve: Serve, start_worker: StartWorker, valkey: Valkey
) -> None:
    server = serve("04_celery/main")
    start_worker("04_celery/celery_worker", FAST)
    task_id = submit(server, {"name": None})

    body = wait_for_status(server, task_id, "FAILURE")
    assert body["error"] == {"type": "ValueError", "message": "'name' 항목의 값이 비어 있습니다"}
    assert body["result"] is None


@pytest.mark.measured
def test_an_id_that_was_never_queued_is_not_found(serve: Serve, valkey: Valkey) -> None:
    answer = serve("04_celery/main").client.get("/task-status/no-such-task")

    assert answer.status_code == 404
    assert "모르는 태스크 id입니다" in answer.json()["detail"]


@pytest.mark.parametrize("body", [b"[1, 2]", b'"text"', b"", b"{", b"\xff", b"[" * 100_000])
def test_a_body_that_is_not_an_object_is_refused_in_korean(load: Load, body: bytes) -> None:
    client = TestClient(load("04_celery/main").app)
    headers = {"Content-Type": "application/json"}

    answer = client.post("/process-data/", content=body, headers=headers)

    assert answer.status_code == 422
    assert "JSON 객체를 보내세요" in answer.json()["detail"][0]["msg"]


def nested(depth: int) -> bytes:
    return b'{"a": ' + b"[" * depth + b"]" * depth + b"}"


@pytest.mark.parametrize("depth", [256, 900])
def test_a_body_nested_too_deeply_for_the_worker_to_unpack_is_refused(
    load: Load, depth: int
) -> None:
    client = TestClient(load("04_celery/main").app)
    headers = {"Content-Type": "application/json"}

    answer = client.post("/process-data/", content=nested(depth), headers=headers)

    assert answer.status_code == 422


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="Python 3.12부터는 더 깊이 풉니다")
def test_without_that_limit_one_such_message_ends_every_worker_that_takes_it(
    start_worker: StartWorker, valkey: Valkey, load: Load
) -> None:
    task = load("04_celery/celery_worker").process_data_task
    task.apply_async((json.loads(nested(900)),), ignore_result=True)

    for _ in range(2):
        worker = start_worker("04_celery/celery_worker", FAST)
        assert worker.wait() == 1
        assert "RecursionError" in worker.output
        assert valkey.client.llen("celery") == 1


def test_every_body_that_is_taken_reaches_the_task_as_it_was_sent(
    serve: Serve, start_worker: StartWorker, valkey: Valkey
) -> None:
    server = serve("04_celery/main")
    start_worker("04_celery/celery_worker", FAST)
    # 마지막 둘은 Celery의 JSON이 다른 타입으로 바꾸거나, 바꾸지 못해 메시지를 버리는 꼴입니다.
    date = b'{"__type__": "date", "__value__": "2026-01-01"}'
    number = b'{"__type__": "decimal", "__value__": "many"}'
    for body in (nested(255), b'{"\\ud800": "\\u0000"}', date, number):
        headers = {"Content-Type": "application/json"}
        answer = server.client.post("/process-data/", content=body, headers=headers)

        done = wait_for_status(server, answer.json()["task_id"], "SUCCESS")
        assert done["result"] == {"processed": len(json.loads(body))}


@pytest.fixture(params=["dead", "silent"])
def unreachable_port(request: pytest.FixtureRequest) -> int:
    port: int = request.getfixturevalue(f"{request.param}_port")
    return port


def assert_fast_503(server: WebServer, method: str, path: str) -> None:
    started = time.monotonic()
    answer = server.client.request(method, path, json={"a": 1} if method == "POST" else None)
    seconds = time.monotonic() - started

    assert answer.status_code == 503
    assert "작업 큐에 연결할 수 없습니다" in answer.json()["detail"]
    assert answer.headers["Retry-After"] == "5"
    assert seconds < 3


@pytest.mark.measured
def test_without_redis_both_paths_answer_503_within_three_seconds(
    serve: Serve, unreachable_port: int
) -> None:
    server = serve("04_celery/main", {"REDIS_URL": f"redis://127.0.0.1:{unreachable_port}/0"})

    assert_fast_503(server, "POST", "/process-data/")
    assert_fast_503(server, "GET", "/task-status/some-id")


def test_without_rabbitmq_a_submission_answers_503_within_three_seconds(
    serve: Serve, valkey: Valkey, unreachable_port: int
) -> None:
    broker = f"amqp://guest:guest@127.0.0.1:{unreachable_port}//"
    server = serve("04_celery/main", {"CELERY_BROKER_URL": broker})

    assert_fast_503(server, "POST", "/process-data/")


def submit_forty(server: WebServer) -> None:
    with ThreadPoolExecutor(40) as pool:
        for _ in pool.map(lambda _: assert_fast_503(server, "POST", "/process-data/"), range(40)):
            pass


def test_forty_submissions_to_a_silent_broker_all_answer_503_in_time(
    serve: Serve, silent_port: int
) -> None:
    server = serve("04_celery/main", {"REDIS_URL": f"redis://127.0.0.1:{silent_port}/0"})

    submit_forty(server)


def test_forty_submissions_to_a_silent_rabbitmq_all_answer_503_in_time(
    serve: Serve, valkey: Valkey, silent_port: int
) -> None:
    broker = f"amqp://guest:guest@127.0.0.1:{silent_port}//"

    submit_forty(serve("04_celery/main", {"CELERY_BROKER_URL": broker}))


def test_while_submissions_wait_for_a_silent_broker_other_requests_are_answered(
    serve: Serve, silent_port: int
) -> None:
    server = serve("04_celery/main", {"REDIS_URL": f"redis://127.0.0.1:{silent_port}/0"})
    order: list[str] = []

    with ThreadPoolExecutor(11) as pool:
        waiting = [pool.submit(server.client.post, "/process-data/", json={}) for _ in range(10)]
        for submission in waiting:
            submission.add_done_callback(lambda _: order.append("503"))
        assert server.client.get("/openapi.json").status_code == 200
        order.append("/openapi.json")

    assert order == ["/openapi.json", *["503"] * 10]


def test_the_web_process_serves_again_once_the_broker_is_back(
    serve: Serve, start_worker: StartWorker, valkey: Valkey
) -> None:
    server = serve("04_celery/main")
    submit(server, {"before": 1})
    valkey.stop()
    assert_fast_503(server, "POST", "/process-data/")
    valkey.start()

    start_worker("04_celery/celery_worker", FAST)
    task_id = submit(server, {"after": 1})
    assert wait_for_status(server, task_id, "SUCCESS")["result"] == {"processed": 1}


def test_a_frozen_broker_is_503_and_after_the_thaw_the_same_connections_work(
    serve: Serve, start_worker: StartWorker, valkey: Valkey
) -> None:
    server = serve("04_celery/main")
    start_worker("04_celery/celery_worker", FAST)
    first = submit(server, {"before": 1})
    valkey.process.freeze()
    assert_fast_503(server, "POST", "/process-data/")
    assert_fast_503(server, "GET", f"/task-status/{first}")
    valkey.process.thaw()

    task_id = submit(server, {"after": 1})
    assert wait_for_status(server, task_id, "SUCCESS")["result"] == {"processed": 1}


def test_a_killed_pool_process_loses_nothing_and_counts_nothing_twice(
    serve: Serve, start_worker: StartWorker, valkey: Valkey
) -> None:
    server = serve("04_celery/main")
    worker = start_worker("04_celery/celery_worker", {"STEP_SECONDS": "0.2"})
    task_id = submit(server, {str(number): 1 for number in range(8)})
    wait_for_status(server, task_id, "PROGRESS")

    psutil.Process(worker.pid).children()[0].kill()

    assert wait_for_status(server, task_id, "SUCCESS")["result"] == {"processed": 8}
    assert "WorkerLostError" in worker.output
    assert valkey.client.hgetall("processed") == {task_id: "8"}


def test_a_killed_worker_loses_nothing_and_counts_nothing_twice(
    serve: Serve, start_worker: StartWorker, valkey: Valkey
) -> None:
    server = serve("04_celery/main")
    worker = start_worker("04_celery/celery_worker", {"STEP_SECONDS": "30"})
    task_id = submit(server, {"a": 1})
    wait_for_status(server, task_id, "PROGRESS")
    worker.kill()

    # 남은 메시지의 가시성 타임아웃은 새 워커의 설정(2초의 두 배)으로 판단합니다.
    start_worker("04_celery/celery_worker", {**FAST, "TASK_TIME_LIMIT": "2"})

    assert wait_for_status(server, task_id, "SUCCESS")["result"] == {"processed": 1}
    assert valkey.client.hgetall("processed") == {task_id: "1"}


@pytest.mark.measured
def test_a_message_delivered_twice_changes_nothing_twice(
    serve: Serve, start_worker: StartWorker, valkey: Valkey, load: Load
) -> None:
    server = serve("04_celery/main")
    worker = start_worker("04_celery/celery_worker", FAST)
    task_id = submit(server, {"a": 1})
    task = load("04_celery/celery_worker").process_data_task

    task.apply_async(({"a": 1},), task_id=task_id, ignore_result=True)

    wait_until(lambda: worker.output.count("succeeded in") == 2, "같은 태스크의 두 번째 실행")
    assert valkey.client.hgetall("processed") == {task_id: "1"}


def test_a_worker_asked_to_stop_finishes_its_task_first(
    start_worker: StartWorker, valkey: Valkey, load: Load
) -> None:
    task = load("04_celery/celery_worker").process_data_task
    worker = start_worker("04_celery/celery_worker", {"STEP_SECONDS": "0.5"})
    result = task.apply_async(({"a": 1},), task_id="running")
    wait_until(lambda: result.state == "PROGRESS", "실행을 시작한 태스크")

    worker.terminate()

    assert valkey.client.hgetall("processed") == {"running": "1"}


@pytest.mark.parametrize(("keeps_a_file", "left"), [("yes", 1), ("no", 0)])
def test_the_queue_survives_a_restart_of_the_broker_only_in_a_file(
    valkey: Valkey, load: Load, keeps_a_file: str, left: int
) -> None:
    valkey.client.config_set("appendonly", keeps_a_file)
    load("04_celery/celery_worker").process_data_task.apply_async(({},), ignore_result=True)
    assert valkey.client.llen("celery") == 1

    valkey.stop()
    valkey.start()

    assert valkey.client.llen("celery") == left


@pytest.mark.skipif(sys.platform != "linux", reason="스레드 하나만 멈추는 것은 리눅스에서 됩니다")
@pytest.mark.parametrize(("synced", "left"), [("everysec", 0), ("always", 1)])
def test_with_a_slow_disk_only_a_broker_that_syncs_every_write_keeps_what_it_acknowledged(
    valkey: Valkey, load: Load, synced: str, left: int
) -> None:
    valkey.client.config_set("appendfsync", synced)

    def is_waiting_for_the_disk() -> bool:
        valkey.client.set("written", "")
        waiting: int = valkey.client.info("persistence")["aof_pending_bio_fsync"]
        return waiting > 0

    # fsync를 기다리며 적기를 미루는 것은 2초까지이므로, 오래 걸릴 수 있는 import를 먼저 합니다.
    task = load("04_celery/celery_worker").process_data_task
    with slow_disk(valkey.process.popen.pid):
        if synced == "everysec":
            wait_until(is_waiting_for_the_disk, "끝나지 않은 fsync")
        task.apply_async(({},), ignore_result=True)
        assert valkey.client.llen("celery") == 1
    valkey.process.kill()
    valkey.start()

    assert valkey.client.llen("celery") == left


def test_whoever_reaches_the_broker_can_run_any_task_of_the_worker(
    start_worker: StartWorker, valkey: Valkey
) -> None:
    worker = start_worker("04_celery/celery_worker", FAST)

    with Celery(broker=valkey.url, set_as_current=False) as stranger:
        stranger.send_task("no.such.task", ignore_result=True)
        task_name = "celery_worker.process_data_task"
        stranger.send_task(task_name, ({"a": 1},), task_id="forged", ignore_result=True)

    worker.wait_for_line("Received unregistered task of type 'no.such.task'")
    wait_until(lambda: valkey.client.hgetall("processed") == {"forged": "1"}, "끼워 넣은 태스크")
    assert not valkey.client.exists("celery")


@pytest.mark.measured
def test_a_task_that_runs_too_long_ends_as_a_failure_with_its_reason(
    serve: Serve, start_worker: StartWorker, valkey: Valkey
) -> None:
    # 시간 제한은 태스크를 보내는 쪽의 설정이 메시지에 실려 갑니다.
    server = serve("04_celery/main", {"TASK_TIME_LIMIT": "2"})
    start_worker("04_celery/celery_worker", {"STEP_SECONDS": "30"})
    task_id = submit(server, {"a": 1})

    error = wait_for_status(server, task_id, "FAILURE")["error"]
    assert error["type"] == "SoftTimeLimitExceeded"


def test_the_longest_task_is_shorter_than_the_visibility_timeout(load: Load) -> None:
    conf = load("04_celery/celery_worker").celery_app.conf

    assert conf.task_soft_time_limit < conf.task_time_limit
    assert conf.task_time_limit < conf.broker_transport_options["visibility_timeout"]


def test_a_worker_takes_no_message_before_it_can_run_it(load: Load) -> None:
    conf = load("04_celery/celery_worker").celery_app.conf

    # 확인 응답을 끝난 뒤에 보내야 1이 "미리 가져가지 않음"입니다.
    assert (conf.worker_prefetch_multiplier, conf.task_acks_late) == (1, True)


def test_only_json_is_accepted_by_the_worker(load: Load) -> None:
    assert load("04_celery/celery_worker").celery_app.conf.accept_content == ["json"]


def test_results_are_dropped_after_an_hour(serve: Serve, valkey: Valkey) -> None:
    task_id = submit(serve("04_celery/main"), {"a": 1})

    assert 0 < valkey.client.ttl(f"celery-task-meta-{task_id}") <= 3600


# Celery 5.7은 결과를 저장할 때 redis-py 8이 폐기 예정으로 표시한 setex를 부릅니다.
@pytest.mark.measured
@pytest.mark.filterwarnings("ignore:Call to deprecated setex:DeprecationWarning")
def test_a_broker_that_dies_between_the_mark_and_the_message_is_a_503(
    load: Load, valkey: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    main = load("04_celery/main")
    backend = type(main.celery_app.backend)  # 백엔드 객체는 스레드마다 따로 있습니다.
    store_result = backend.store_result

    def store_result_then_lose_the_broker(*arguments: Any) -> None:
        store_result(*arguments)
        valkey.stop()

    monkeypatch.setattr(backend, "store_result", store_result_then_lose_the_broker)
    started = time.monotonic()
    answer = TestClient(main.app).post("/process-data/", json={"a": 1})

    assert answer.status_code == 503
    assert time.monotonic() - started < 3
