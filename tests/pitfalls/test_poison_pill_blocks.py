"""함정 poison_pill_blocks를 고장 난 쪽과 고친 쪽 모두에서 확인합니다."""

import pytest

from conftest import Serve, StartConsumer
from harness.services import EmbeddedKafka

FILE = "07_kafka/pitfalls/poison_pill_blocks"
pytestmark = pytest.mark.measured


@pytest.fixture(autouse=True)
def servers(embedded_kafka: EmbeddedKafka, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", embedded_kafka.servers)


def test_a_consumer_dies_of_the_same_message_after_every_restart(
    serve: Serve, start_consumer: StartConsumer
) -> None:
    assert serve(FILE).client.post("/broken").status_code == 200

    first = start_consumer(FILE, arguments=["broken"])
    assert first.wait() == 1
    second = start_consumer(FILE, arguments=["broken"])
    assert second.wait() == 1

    assert "결제: 100원" in first.lines
    assert "JSONDecodeError" in first.output
    assert "JSONDecodeError" in second.output
    assert not [line for line in second.lines if line.startswith("결제:")]


def test_a_message_moved_aside_lets_the_next_ones_pass(
    serve: Serve, start_consumer: StartConsumer
) -> None:
    consumer = start_consumer(FILE, arguments=["fixed"])
    assert serve(FILE).client.post("/fixed").status_code == 200

    consumer.wait_for_line("결제: 300원")
    assert consumer.lines == ["결제: 100원", "payments-dead에 옮겼습니다", "결제: 300원"]
