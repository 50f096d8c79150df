"""함정 unroutable_message_vanishes: 실제 RabbitMQ에 보내고, 큐에 들어온 메시지를 셉니다."""

from collections.abc import Iterator

import pytest
from celery import Celery
from fastapi.testclient import TestClient

from conftest import Load
from harness.rabbitmq import RabbitMQ

ACCEPTED = {"message": "주문을 받았습니다"}


@pytest.fixture
def client(load: Load, rabbitmq: RabbitMQ) -> Iterator[TestClient]:
    pitfall = load("04_celery/pitfalls/unroutable_message_vanishes")
    pitfall.ship_broken(1)
    pitfall.ship_fixed(1)
    with TestClient(pitfall.app) as client:
        yield client
    pitfall.celery_app.close()


def test_a_message_that_no_queue_takes_is_dropped_although_the_broker_confirms_it(
    client: TestClient,
) -> None:
    answer = client.post("/broken?key=orders.created")

    assert (answer.status_code, answer.json()) == (200, ACCEPTED)
    assert client.get("/done").json() == {"shipping": False}


def test_a_mandatory_message_that_no_queue_takes_is_returned_as_an_error(
    client: TestClient,
) -> None:
    answer = client.post("/fixed?key=orders.created")

    assert answer.status_code == 500
    assert answer.json() == {"detail": "주문을 전하지 못했습니다: NO_ROUTE"}


@pytest.mark.parametrize("path", ["/broken", "/fixed"])
def test_with_the_right_key_the_message_arrives(client: TestClient, path: str) -> None:
    answer = client.post(f"{path}?key=order.created")

    assert (answer.status_code, answer.json()) == (200, ACCEPTED)
    assert client.get("/done").json() == {"shipping": True}


def test_without_confirms_even_a_mandatory_message_vanishes_silently(rabbitmq: RabbitMQ) -> None:
    app = Celery(broker=rabbitmq.url, set_as_current=False)

    app.send_task("ship", exchange="amq.topic", routing_key="typo", mandatory=True)
    app.close()
