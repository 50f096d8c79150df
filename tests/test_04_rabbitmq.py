"""04_celery를 RabbitMQ에서: 같은 코드, 다른 브로커."""

from pathlib import Path

import psutil
import pytest
from celery import Celery
from kombu import Queue

from conftest import EXAMPLES, Load, Serve, StartWorker
from harness.processes import WebServer
from harness.rabbitmq import RabbitMQ, require_rabbitmq
from harness.relay import Relay
from harness.services import Valkey
from harness.waiting import wait_until
from lab.services import find_rabbitmq

WORKER = "04_celery/celery_worker"
DEADLY = str(Path(__file__).parent / "harness" / "deadly_on_rabbitmq:celery_app")
UNREACHABLE = "작업 큐에 연결할 수 없습니다. 브로커를 확인하고 잠시 뒤에 다시 시도하세요"
FROZEN_SECONDS = 3


@pytest.fixture
def env(rabbitmq: RabbitMQ) -> dict[str, str]:
    return {"CELERY_BROKER_URL": rabbitmq.url, "STEP_SECONDS": "1"}


@pytest.fixture
def server(serve: Serve, valkey: Valkey, rabbitmq: RabbitMQ, rabbitmq_relay: Relay) -> WebServer:
    """얼리거나 끊을 수 있는 연결로 브로커에 가는 웹 서버입니다."""
    return serve("04_celery/main", {"CELERY_BROKER_URL": rabbitmq.url_through(rabbitmq_relay.port)})


def submit(server: WebServer) -> str:
    task_id: str = server.client.post("/process-data/", json={"a": 1}).json()["task_id"]
    return task_id


def status_of(server: WebServer, task_id: str) -> str:
    status: str = server.client.get(f"/task-status/{task_id}").json()["status"]
    return status


def wait_for_status(server: WebServer, task_id: str, status: str) -> None:
    wait_until(lambda: status_of(server, task_id) == status, status)


@pytest.mark.measured
def test_the_same_code_runs_on_rabbitmq(
    serve: Serve, start_worker: StartWorker, valkey: Valkey, env: dict[str, str]
) -> None:
    server = serve("04_celery/main", env)
    worker = start_worker(WORKER, env)

    task_id = submit(server)

    wait_for_status(server, task_id, "SUCCESS")
    assert valkey.client.hgetall("processed") == {task_id: "1"}
    # 익스체인지가 topic이 아니면 countdown을 브로커에 맡기지 못한다고 경고합니다.
    assert "native delayed delivery do not support" not in worker.output
    assert worker.terminate() == 0


@pytest.mark.whole
@pytest.mark.parametrize("victim", ["pool process", "whole worker"])
def test_on_rabbitmq_a_kill_loses_nothing_and_counts_nothing_twice(
    serve: Serve, start_worker: StartWorker, valkey: Valkey, env: dict[str, str], victim: str
) -> None:
    server = serve("04_celery/main", env)
    worker = start_worker(WORKER, env)
    task_id = submit(server)
    wait_for_status(server, task_id, "PROGRESS")

    if victim == "pool process":
        psutil.Process(worker.pid).children()[0].kill()
    else:
        worker.kill()
        start_worker(WORKER, env)

    wait_for_status(server, task_id, "SUCCESS")
    assert valkey.client.hgetall("processed") == {task_id: "1"}


@pytest.mark.whole
def test_the_message_of_a_killed_worker_is_back_in_the_queue_without_any_waiting_time(
    serve: Serve,
    start_worker: StartWorker,
    valkey: Valkey,
    rabbitmq: RabbitMQ,
    env: dict[str, str],
) -> None:
    server = serve("04_celery/main", env)
    # Redis라면 두 시간 뒤에야 돌아옵니다.
    worker = start_worker(WORKER, {**env, "STEP_SECONDS": "60", "TASK_TIME_LIMIT": "3600"})
    wait_for_status(server, submit(server), "PROGRESS")
    assert rabbitmq.count("celery") == 0

    worker.kill()

    wait_until(lambda: rabbitmq.count("celery") == 1, "돌아온 메시지", seconds=10)


@pytest.mark.whole
def test_a_task_that_always_kills_its_process_ends_in_the_dead_letter_queue(
    load: Load,
    start_worker: StartWorker,
    valkey: Valkey,
    rabbitmq: RabbitMQ,
    env: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = str(EXAMPLES / "04_celery")
    worker = start_worker(DEADLY, {**env, "PYTHONPATH": path})
    monkeypatch.setenv("CELERY_BROKER_URL", rabbitmq.url)
    sender = load(WORKER).celery_app
    task = sender.send_task("deadly_on_rabbitmq.die")

    wait_until(lambda: rabbitmq.count("celery.dead"), "버려진 메시지")

    # 한 번 배달하고, 세 번까지 다시 배달합니다.
    assert valkey.client.get("deaths") == "4"
    # 웹이 아는 상태는 바뀌지 않습니다. 버려진 것은 그 큐를 보아야 압니다.
    assert task.status == "PENDING"
    assert rabbitmq.count("celery") == 0
    message = rabbitmq.take("celery.dead")
    (death,) = message.headers["x-death"]
    assert (death["queue"], death["reason"]) == ("celery", "delivery_limit")
    assert message.headers["id"] == task.id
    sender.close()
    worker.kill()


@pytest.mark.whole
def test_a_task_that_fails_is_acknowledged_and_is_no_dead_letter(
    serve: Serve,
    start_worker: StartWorker,
    valkey: Valkey,
    rabbitmq: RabbitMQ,
    env: dict[str, str],
) -> None:
    server = serve("04_celery/main", env)
    worker = start_worker(WORKER, env)
    task_id = server.client.post("/process-data/", json={"name": None}).json()["task_id"]
    wait_for_status(server, task_id, "FAILURE")

    # 워커가 끝나면 확인 응답을 받지 못한 메시지는 돌아옵니다.
    worker.terminate()

    assert rabbitmq.count("celery") == 0
    assert rabbitmq.count("celery.dead") == 0


@pytest.mark.whole
def test_a_frozen_broker_is_503(server: WebServer, rabbitmq_relay: Relay) -> None:
    submit(server)
    rabbitmq_relay.freeze()

    answer = server.client.post("/process-data/", json={"a": 1})

    assert (answer.status_code, answer.json()) == (503, {"detail": UNREACHABLE})
    assert answer.elapsed.total_seconds() < FROZEN_SECONDS
    rabbitmq_relay.thaw()
    submit(server)


@pytest.mark.whole
def test_a_broker_whose_answer_is_late_is_503_but_the_message_has_arrived_all_the_same(
    server: WebServer, rabbitmq: RabbitMQ, rabbitmq_relay: Relay
) -> None:
    submit(server)
    wait_until(lambda: rabbitmq.count("celery") > 0, "첫 메시지")
    before = rabbitmq.count("celery")
    rabbitmq_relay.freeze_answers()

    answer = server.client.post("/process-data/", json={"a": 1})

    assert (answer.status_code, answer.json()) == (503, {"detail": UNREACHABLE})
    assert answer.elapsed.total_seconds() < FROZEN_SECONDS
    # 브로커가 받지 못한 것과, 받았다는 답이 오지 않은 것은 구별할 수 없습니다.
    wait_until(lambda: rabbitmq.count("celery") > before, "503으로 답한 메시지")


@pytest.mark.whole
def test_without_confirms_a_frozen_broker_looks_as_if_it_had_taken_the_message(
    rabbitmq: RabbitMQ, rabbitmq_relay: Relay
) -> None:
    url = rabbitmq.url_through(rabbitmq_relay.port)
    sender = Celery(broker=url, set_as_current=False)
    sender.send_task("first", queue="frozen")
    wait_until(lambda: rabbitmq.count("frozen") == 1, "도착한 메시지")
    rabbitmq_relay.freeze()

    sender.send_task("second", queue="frozen")

    assert rabbitmq.count("frozen") == 1
    sender.close()


@pytest.mark.whole
def test_an_unreachable_rabbitmq_is_503(server: WebServer, rabbitmq_relay: Relay) -> None:
    submit(server)
    rabbitmq_relay.cut()

    answer = server.client.post("/process-data/", json={"a": 1})

    assert (answer.status_code, answer.json()) == (503, {"detail": UNREACHABLE})
    assert answer.elapsed.total_seconds() < FROZEN_SECONDS


@pytest.mark.whole
def test_the_queues_are_replicated_and_survive_and_only_rabbitmq_gets_them(
    load: Load, monkeypatch: pytest.MonkeyPatch, valkey: Valkey
) -> None:
    monkeypatch.setenv("CELERY_BROKER_URL", "amqp://127.0.0.1")
    (queue,) = load(WORKER).celery_app.conf.task_queues
    assert isinstance(queue, Queue)
    assert queue.durable
    assert (queue.queue_arguments or {})["x-queue-type"] == "quorum"

    monkeypatch.delenv("CELERY_BROKER_URL")
    assert load(WORKER).celery_app.conf.task_queues is None


@pytest.mark.whole
def test_a_task_with_a_countdown_waits_in_the_broker_and_not_in_the_worker(
    load: Load,
    start_worker: StartWorker,
    valkey: Valkey,
    rabbitmq: RabbitMQ,
    env: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CELERY_BROKER_URL", rabbitmq.url)
    start_worker(WORKER, env)
    example = load(WORKER)

    example.process_data_task.apply_async(({},), countdown=60)

    # 60초의 가장 높은 자리(32초)를 기다리는 큐입니다.
    wait_until(lambda: rabbitmq.count("celery_delayed_5") == 1, "브로커에서 기다리는 메시지")
    example.celery_app.close()


@pytest.mark.whole
def test_rabbitmq_waits_thirty_minutes_for_an_ack_by_default() -> None:
    require_rabbitmq()
    server = Path(find_rabbitmq() or "").resolve()
    (defaults,) = server.parents[1].glob("**/plugins/rabbit-*/ebin/rabbit.app")

    assert "{consumer_timeout, 1800000}" in defaults.read_text(encoding="utf-8")
