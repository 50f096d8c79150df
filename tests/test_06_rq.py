"""06_rq: 실제 RQ 워커와 브로커로 확인합니다."""

import inspect
import json
import os
import sys
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import redis
from fastapi.testclient import TestClient
from rq import Queue, Retry, defaults

from conftest import Load, Serve, StartRQWorker
from harness.processes import Process, RQWorker, WebServer
from harness.services import Valkey
from harness.waiting import wait_until
from lab.services import free_port
from test_04_celery import FAST, assert_fast_503, status_of, submit, wait_for_status

KILLED = "Work-horse terminated unexpectedly"


def failed_tasks(server: WebServer) -> list[dict[str, Any]]:
    tasks: list[dict[str, Any]] = server.client.get("/failed-tasks/").json()
    return tasks


def requeue(server: WebServer, task_id: str) -> int:
    return server.client.post(f"/failed-tasks/{task_id}/requeue").status_code


def kill_for_good(worker: RQWorker, valkey: Valkey) -> None:
    """워커를 죽이고, 큐에서 기다리던 그 연결이 끊긴 것을 브로커가 알아챌 때까지 기다립니다."""
    worker.kill()
    valkey.wait_for_idle_workers(0)


def let_a_minute_pass(valkey: Valkey) -> None:
    """죽은 워커의 심장박동이 만료된 것처럼, RQ가 적어 둔 시각을 과거로 옮깁니다."""
    ((entry, deadline),) = valkey.client.zscan_iter("rq:wip:default")
    # 마지막 심장박동에서 감시 간격(5초)과 60초가 지나야 죽은 것으로 봅니다.
    assert 0 < deadline - time.time() <= 65
    valkey.client.zadd("rq:wip:default", {entry: time.time() - 1})
    # 죽은 스케줄러의 잠금도 그사이에 풀립니다.
    assert valkey.client.ttl("rq:scheduler-lock:default") <= 61
    valkey.client.delete("rq:scheduler-lock:default")


@pytest.mark.measured
def test_a_task_is_queued_then_done_and_its_result_is_kept_for_an_hour(
    serve: Serve, start_rq_worker: StartRQWorker, valkey: Valkey
) -> None:
    server = serve("06_rq/main")
    task_id = submit(server, {"user": 1, "order": 2})
    waiting = {"task_id": task_id, "status": "QUEUED", "result": None, "error": None}
    assert status_of(server, task_id) == waiting

    start_rq_worker("06", env=FAST)

    body = wait_for_status(server, task_id, "SUCCESS")
    assert body == {**waiting, "status": "SUCCESS", "result": {"processed": 2}}
    assert valkey.client.hgetall("processed") == {task_id: "2"}
    assert 3500 < valkey.client.ttl(f"rq:job:{task_id}") <= 3600


def test_progress_is_visible_while_the_task_runs(
    serve: Serve, start_rq_worker: StartRQWorker, valkey: Valkey
) -> None:
    server = serve("06_rq/main")
    start_rq_worker("06", env={"STEP_SECONDS": "30"})
    task_id = submit(server, {"a": 1, "b": 2})

    def progress() -> Any:
        return status_of(server, task_id)["result"]

    assert wait_until(progress, "진행 상황") == {"done": 0, "total": 2}


@pytest.mark.measured
def test_a_failed_task_answers_200_with_its_error_and_is_not_tried_again(
    serve: Serve, start_rq_worker: StartRQWorker, valkey: Valkey
) -> None:
    server = serve("06_rq/main")
    worker = start_rq_worker("06", env=FAST)
    task_id = submit(server, {"name": None})

    body = wait_for_status(server, task_id, "FAILURE")
    assert body["error"] == {"type": "ValueError", "message": "'name' 항목의 값이 비어 있습니다"}
    assert body["result"] is None
    assert failed_tasks(server) == [body]
    assert 86_000 < valkey.client.ttl(f"rq:job:{task_id}") <= 86_400
    assert worker.output.count("exception raised while executing") == 1


@pytest.mark.measured
def test_a_passing_trouble_is_tried_again_after_a_while_and_its_error_is_shown_meanwhile(
    serve: Serve, start_rq_worker: StartRQWorker, valkey: Valkey
) -> None:
    server = serve("06_rq/main")
    start_rq_worker("06", env=FAST)
    valkey.client.set("processed", "장부에 적을 수 없게 하는 값")
    task_id = submit(server, {"a": 1})

    error = wait_for_status(server, task_id, "RETRY")["error"]
    valkey.client.delete("processed")

    assert error["type"] == "ResponseError"
    body = wait_for_status(server, task_id, "SUCCESS")
    assert (body["result"], body["error"]) == ({"processed": 1}, None)


@pytest.mark.measured
def test_a_task_that_runs_too_long_fails_and_can_be_queued_again(
    serve: Serve, start_rq_worker: StartRQWorker, valkey: Valkey
) -> None:
    server = serve("06_rq/main", {"JOB_TIMEOUT": "1"})
    worker = start_rq_worker("06", env={"STEP_SECONDS": "30"})
    task_id = submit(server, {"a": 1})
    error = wait_for_status(server, task_id, "FAILURE")["error"]
    assert error["type"] == "JobTimeoutException"
    kill_for_good(worker, valkey)

    assert requeue(server, task_id) == 200
    assert status_of(server, task_id)["status"] == "QUEUED"
    assert failed_tasks(server) == []
    assert requeue(server, task_id) == 409  # 이미 큐에 있습니다.
    assert valkey.client.hget(f"rq:job:{task_id}", "retries_left") == "3"
    start_rq_worker("06", env=FAST)

    assert wait_for_status(server, task_id, "SUCCESS")["result"] == {"processed": 1}


@pytest.mark.parametrize("task_id", ["no-such-task", "id에 쓸 수 없는 글자"])
def test_an_id_that_was_never_queued_is_not_found(load: Load, valkey: Valkey, task_id: str) -> None:
    client = TestClient(load("06_rq/main").app)

    for answer in (
        client.get(f"/task-status/{task_id}"),
        client.post(f"/failed-tasks/{task_id}/requeue"),
    ):
        assert answer.status_code == 404
        assert "모르는 태스크 id입니다" in answer.json()["detail"]


@pytest.mark.parametrize("body", [b"[1, 2]", b"", b"\xff"])
def test_a_body_that_is_not_an_object_is_refused_in_korean(load: Load, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}

    answer = TestClient(load("06_rq/main").app).post(
        "/process-data/", content=body, headers=headers
    )

    assert answer.status_code == 422
    assert "JSON 객체를 보내세요" in answer.json()["detail"][0]["msg"]


@pytest.mark.measured
@pytest.mark.parametrize("kind", ["dead", "silent"])
def test_without_redis_every_path_answers_503_within_three_seconds(
    serve: Serve, request: pytest.FixtureRequest, kind: str
) -> None:
    port = request.getfixturevalue(f"{kind}_port")
    server = serve("06_rq/main", {"REDIS_URL": f"redis://127.0.0.1:{port}/0"})

    for method, path in [
        ("POST", "/process-data/"),
        ("GET", "/task-status/some-id"),
        ("GET", "/failed-tasks/"),
        ("POST", "/failed-tasks/some-id/requeue"),
    ]:
        assert_fast_503(server, method, path)


def test_while_forty_submissions_wait_for_a_silent_redis_other_requests_are_answered(
    serve: Serve, silent_port: int
) -> None:
    server = serve("06_rq/main", {"REDIS_URL": f"redis://127.0.0.1:{silent_port}/0"})
    order: list[str] = []

    with ThreadPoolExecutor(40) as pool:
        waiting = [
            pool.submit(assert_fast_503, server, "POST", "/process-data/") for _ in range(40)
        ]
        for submission in waiting:
            submission.add_done_callback(lambda _: order.append("503"))
        assert server.client.get("/openapi.json").status_code == 200
        order.append("/openapi.json")

    assert [submission.result() for submission in waiting] == [None] * 40
    assert order == ["/openapi.json", *["503"] * 40]


@pytest.mark.whole
def test_web_and_worker_serve_again_once_a_stopped_or_frozen_broker_is_back(
    serve: Serve, start_rq_worker: StartRQWorker, valkey: Valkey
) -> None:
    server = serve("06_rq/main")
    start_rq_worker("06", env=FAST)
    wait_for_status(server, submit(server, {"before": 1}), "SUCCESS")
    valkey.wait_for_idle_workers(1)
    valkey.stop()
    assert_fast_503(server, "POST", "/process-data/")
    valkey.start()
    wait_for_status(server, submit(server, {"between": 1}), "SUCCESS")
    valkey.wait_for_idle_workers(1)
    valkey.process.freeze()
    assert_fast_503(server, "POST", "/process-data/")
    valkey.process.thaw()

    wait_for_status(server, submit(server, {"after": 1}), "SUCCESS")


def test_a_killed_work_horse_is_retried_loses_nothing_and_counts_nothing_twice(
    serve: Serve, start_rq_worker: StartRQWorker, valkey: Valkey
) -> None:
    server = serve("06_rq/main")
    worker = start_rq_worker("06", env={"STEP_SECONDS": "0.2"})
    task_id = submit(server, {str(number): 1 for number in range(8)})
    wait_until(lambda: status_of(server, task_id)["result"], "진행 상황")

    worker.kill_work_horse()

    wait_for_status(server, task_id, "RETRY")
    assert wait_for_status(server, task_id, "SUCCESS")["result"] == {"processed": 8}
    assert KILLED in worker.output
    assert valkey.client.hgetall("processed") == {task_id: "8"}


@pytest.mark.measured
def test_a_work_horse_killed_at_the_last_try_leaves_a_failure_that_says_so(
    serve: Serve, start_rq_worker: StartRQWorker, valkey: Valkey
) -> None:
    server = serve("06_rq/main")
    task_id = submit(server, {"a": 1})
    valkey.client.hset(f"rq:job:{task_id}", "retries_left", 0)
    worker = start_rq_worker("06", env={"STEP_SECONDS": "30"})
    wait_until(lambda: status_of(server, task_id)["result"], "진행 상황")

    worker.kill_work_horse()

    error = wait_for_status(server, task_id, "FAILURE")["error"]
    assert error["type"] == "WorkerLostError"
    assert error["message"].startswith(KILLED)
    assert [task["task_id"] for task in failed_tasks(server)] == [task_id]


def test_a_killed_worker_loses_nothing_and_counts_nothing_twice(
    serve: Serve, start_rq_worker: StartRQWorker, valkey: Valkey
) -> None:
    server = serve("06_rq/main")
    worker = start_rq_worker("06", env={"STEP_SECONDS": "30"})
    task_id = submit(server, {"a": 1})
    wait_until(lambda: status_of(server, task_id)["result"], "진행 상황")
    worker.kill()

    let_a_minute_pass(valkey)
    start_rq_worker("06", env=FAST)

    assert wait_for_status(server, task_id, "SUCCESS")["result"] == {"processed": 1}
    assert valkey.client.hgetall("processed") == {task_id: "1"}


@pytest.mark.whole
def test_a_worker_whose_broker_dies_in_mid_task_quits_and_the_next_worker_finishes_the_task(
    serve: Serve, start_rq_worker: StartRQWorker, valkey: Valkey
) -> None:
    server = serve("06_rq/main")
    worker = start_rq_worker("06", env={"STEP_SECONDS": "1"})
    task_id = submit(server, {"a": 1})
    wait_until(lambda: status_of(server, task_id)["result"], "진행 상황")

    valkey.stop()

    assert worker.wait() == 1
    assert "found an unhandled exception, quitting" in worker.output
    valkey.start()
    let_a_minute_pass(valkey)
    start_rq_worker("06", env=FAST)
    assert wait_for_status(server, task_id, "SUCCESS")["result"] == {"processed": 1}
    assert valkey.client.hgetall("processed") == {task_id: "1"}


def test_a_task_taken_by_a_worker_that_died_before_starting_it_is_not_lost(
    serve: Serve, start_rq_worker: StartRQWorker, valkey: Valkey
) -> None:
    server = serve("06_rq/main")
    task_id = submit(server, {"a": 1})
    # 워커가 태스크를 꺼내는 첫걸음입니다. 여기에서 죽고 1분이 지난 것처럼 합니다.
    taken = "rq:queue:default:intermediate"
    valkey.client.lmove("rq:queue:default", taken)
    valkey.client.set(f"{taken}:first_seen:{task_id}", time.time() - 61)

    start_rq_worker("06", env=FAST)

    assert wait_for_status(server, task_id, "SUCCESS")["result"] == {"processed": 1}


def test_a_task_that_runs_twice_changes_nothing_twice(
    serve: Serve, start_rq_worker: StartRQWorker, valkey: Valkey
) -> None:
    server = serve("06_rq/main")
    task_id = submit(server, {"a": 1})
    valkey.client.rpush("rq:queue:default", task_id)

    worker = start_rq_worker("06", env=FAST)

    wait_until(lambda: worker.output.count("Job OK") == 2, "같은 태스크의 두 번째 실행")
    assert valkey.client.hgetall("processed") == {task_id: "1"}


def test_a_worker_runs_one_task_at_a_time_and_finishes_it_when_asked_to_stop(
    serve: Serve, start_rq_worker: StartRQWorker, valkey: Valkey
) -> None:
    server = serve("06_rq/main")
    running, waiting = submit(server, {"a": 1}), submit(server, {"b": 2})
    worker = start_rq_worker("06", env={"STEP_SECONDS": "1"})
    wait_until(lambda: status_of(server, running)["result"], "진행 상황")

    worker.terminate()

    assert status_of(server, running)["status"] == "SUCCESS"
    assert status_of(server, waiting)["status"] == "QUEUED"


def test_an_async_def_function_is_run_to_its_end(
    start_rq_worker: StartRQWorker, valkey: Valkey
) -> None:
    with redis.Redis.from_url(valkey.url) as raw:
        job = Queue(connection=raw, serializer="json").enqueue("asyncio.sleep", 0, "끝")

        start_rq_worker("06").wait_for_line("Job OK")

        assert job.return_value() == "끝"


def test_whoever_reaches_redis_can_run_any_function_that_the_worker_can_import(
    start_rq_worker: StartRQWorker, valkey: Valkey, working_directory: Path
) -> None:
    with redis.Redis.from_url(valkey.url) as raw:
        Queue(connection=raw, serializer="json").enqueue("os.mkdir", "stolen")

    start_rq_worker("06").wait_for_line("Job OK")

    assert (working_directory / "stolen").is_dir()


def test_a_retry_can_say_how_often_but_not_for_which_exceptions() -> None:
    assert list(inspect.signature(Retry).parameters) == ["max", "interval", "enqueue_at_front"]


def test_the_example_is_more_watchful_than_the_defaults_of_rq() -> None:
    assert defaults.DEFAULT_JOB_MONITORING_INTERVAL == 30
    assert defaults.DEFAULT_MAINTENANCE_TASK_INTERVAL == 600
    assert defaults.DEFAULT_FAILURE_TTL == 365 * 24 * 3600


def test_what_is_in_the_queue_is_json_and_a_pickled_job_is_never_run(
    load: Load, start_rq_worker: StartRQWorker, valkey: Valkey, working_directory: Path
) -> None:
    client = TestClient(load("06_rq/main").app)
    task_id = client.post("/process-data/", json={"a": 1}).json()["task_id"]
    with redis.Redis.from_url(valkey.url) as raw:
        data = zlib.decompress(raw.hget(f"rq:job:{task_id}", "data"))
        assert json.loads(data) == ["tasks.process_data_task", None, [{"a": 1}], {}]
        Queue(connection=raw).enqueue(os.mkdir, "stolen")

    worker = start_rq_worker("06", env=FAST)

    worker.wait_for_line("Job OK")
    worker.wait_for_line("rq.exceptions.DeserializationError")
    assert not (working_directory / "stolen").exists()


@pytest.mark.whole
def test_the_spawn_worker_for_macos_runs_the_same_task(
    serve: Serve, start_rq_worker: StartRQWorker, valkey: Valkey
) -> None:
    server = serve("06_rq/main")
    start_rq_worker("06", env=FAST, options=["--worker-class", "rq.SpawnWorker"])

    wait_for_status(server, submit(server, {"a": 1}), "SUCCESS")


@pytest.mark.whole
def test_the_simple_worker_and_the_emulated_redis_for_windows_run_the_same_task(
    processes: ExitStack, serve: Serve, start_rq_worker: StartRQWorker, working_directory: Path
) -> None:
    port = free_port()
    emulator = Process([sys.executable, "-m", "lab.emulated_redis", str(port)], working_directory)
    processes.callback(emulator.kill)
    emulator.wait_for_line("실제 Redis가 아닙니다")
    env = {**FAST, "REDIS_URL": f"redis://127.0.0.1:{port}/0"}
    server = serve("06_rq/main", env)
    start_rq_worker("06", env=env, options=["--worker-class", "rq.SimpleWorker"])

    wait_for_status(server, submit(server, {"a": 1}), "SUCCESS")
    wait_for_status(server, submit(server, {"a": None}), "FAILURE")
