"""함정 late_ack_kills_the_worker: RabbitMQ의 제한 시간(테스트에서는 12초)보다 긴 일을 맡깁니다."""

import pytest
from fastapi.testclient import TestClient

from conftest import Load, StartWorker
from harness.rabbitmq import RabbitMQ
from harness.services import Valkey
from harness.waiting import wait_until
from lab.rabbitmq import CONSUMER_TIMEOUT_SECONDS

pytestmark = [pytest.mark.measured, pytest.mark.whole]

FILE = "04_celery/pitfalls/late_ack_kills_the_worker"
PARTS = ["1", "2", "3", "4", "5"]


def test_a_late_ack_kills_the_worker_and_the_whole_task_starts_again_while_short_parts_go_on(
    load: Load, start_worker: StartWorker, valkey: Valkey, rabbitmq: RabbitMQ
) -> None:
    pitfall = load(FILE)
    assert pitfall.PARTS * pitfall.PART_SECONDS > CONSUMER_TIMEOUT_SECONDS > pitfall.PART_SECONDS
    client = TestClient(pitfall.app)
    impatient = start_worker(f"{FILE}:celery_app", options=["-Q", "broken", "-n", "broken@%h"])
    start_worker(f"{FILE}:celery_app", options=["-Q", "fixed", "-n", "fixed@%h"])

    client.post("/broken")
    client.post("/fixed")
    code = impatient.wait()

    assert code == 1
    assert "PRECONDITION_FAILED - delivery acknowledgement on channel" in (impatient.output)
    # 워커는 태스크를 끝까지 실행한 다음 끝나지만, 메시지는 이미 큐로 돌아갔습니다.
    assert client.get("/done").json()["broken"] == PARTS
    again = start_worker(f"{FILE}:celery_app", {"PART_SECONDS": "0.1"}, ["-Q", "broken"])
    again.wait_for_line("received")
    wait_until(lambda: client.get("/done").json()["broken"] == PARTS * 2, "두 번째 실행")
    wait_until(lambda: client.get("/done").json()["fixed"] == PARTS, "나누어 한 일")
    wait_until(lambda: rabbitmq.count("fixed") == 0, "빈 큐")
    pitfall.celery_app.close()
