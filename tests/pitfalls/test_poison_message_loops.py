"""함정 poison_message_loops: 읽을 수 없는 메시지 하나를 실제 워커가 몇 번 실행하는지 셉니다."""

import pytest
from fastapi.testclient import TestClient

from conftest import Load, StartWorker
from harness.rabbitmq import RabbitMQ
from harness.services import Valkey
from harness.waiting import wait_until

pytestmark = [pytest.mark.measured, pytest.mark.whole]

FILE = "04_celery/pitfalls/poison_message_loops"


def test_a_requeued_poison_message_comes_back_for_ever_unless_the_queue_limits_deliveries(
    load: Load, start_worker: StartWorker, valkey: Valkey, rabbitmq: RabbitMQ
) -> None:
    pitfall = load(FILE)
    client = TestClient(pitfall.app)
    start_worker(f"{FILE}:celery_app")

    client.post("/fixed?price=공짜")
    wait_until(lambda: client.get("/done").json()["dead"], "버려진 메시지")
    client.post("/broken?price=공짜")
    wait_until(lambda: int(valkey.client.get("endless") or 0) > 4, "한도를 넘은 실행")

    # 한 번 배달하고, 세 번까지 다시 배달합니다.
    assert valkey.client.get("limited") == "4"
    dead = rabbitmq.take("dead_letters")
    (death,) = dead.headers["x-death"]
    assert (death["queue"], death["reason"]) == ("limited", "delivery_limit")
    assert "공짜" in dead.payload[0]
    pitfall.celery_app.close()


def test_a_good_message_is_read_once_from_either_queue(
    load: Load, start_worker: StartWorker, valkey: Valkey, rabbitmq: RabbitMQ
) -> None:
    pitfall = load(FILE)
    client = TestClient(pitfall.app)
    start_worker(f"{FILE}:celery_app")

    client.post("/broken?price=100")
    client.post("/fixed?price=200")

    wait_until(lambda: valkey.client.exists("endless", "limited") == 2, "두 실행")
    wait_until(lambda: valkey.client.get("price") in ("100", "200"), "가격")
    pitfall.celery_app.close()
