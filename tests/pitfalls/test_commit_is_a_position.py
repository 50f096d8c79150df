"""함정 commit_is_a_position을 고장 난 쪽과 고친 쪽 모두에서 확인합니다."""

import pytest
from confluent_kafka import Producer

from conftest import Serve, StartConsumer
from harness.services import EmbeddedKafka

FILE = "07_kafka/pitfalls/commit_is_a_position"
pytestmark = pytest.mark.measured


@pytest.fixture(autouse=True)
def servers(embedded_kafka: EmbeddedKafka, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", embedded_kafka.servers)
    return embedded_kafka.servers


def test_committing_the_next_message_marks_the_failed_one_as_done(
    serve: Serve, start_consumer: StartConsumer, servers: str
) -> None:
    assert serve(FILE).client.post("/broken").status_code == 200
    consumer = start_consumer(FILE, arguments=["broken"])
    consumer.wait_for_line("처리: 3번 주문")
    assert consumer.lines == ["처리: 1번 주문", "실패: 2번 주문", "처리: 3번 주문"]
    consumer.terminate()

    producer = Producer({"bootstrap.servers": servers})
    producer.produce("orders-broken", "4번 주문", partition=0)
    assert producer.flush(10) == 0
    restarted = start_consumer(FILE, arguments=["broken"])

    restarted.wait_for_line("처리: 4번 주문")
    assert restarted.lines == ["처리: 4번 주문"]


def test_going_back_to_the_failed_message_before_committing_loses_nothing(
    serve: Serve, start_consumer: StartConsumer
) -> None:
    consumer = start_consumer(FILE, arguments=["fixed"])
    assert serve(FILE).client.post("/fixed").status_code == 200

    consumer.wait_for_line("처리: 3번 주문")
    shown = ["처리: 1번 주문", "실패: 2번 주문", "처리: 2번 주문", "처리: 3번 주문"]
    assert consumer.lines == shown
