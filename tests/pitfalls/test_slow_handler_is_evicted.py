"""함정 slow_handler_is_evicted를 고장 난 쪽과 고친 쪽 모두에서 확인합니다."""

import pytest

from conftest import Serve, StartConsumer
from harness.services import EmbeddedKafka
from harness.waiting import wait_until

FILE = "07_kafka/pitfalls/slow_handler_is_evicted"
pytestmark = [pytest.mark.measured, pytest.mark.whole]
SLOW = {"MAX_POLL_INTERVAL_MS": "1000", "WORK_SECONDS": "2.2"}  # 넘겼는지는 0.5초마다 봅니다.


def test_a_slow_handler_works_in_vain_again_and_again_unless_it_keeps_polling(
    serve: Serve,
    start_consumer: StartConsumer,
    embedded_kafka: EmbeddedKafka,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", embedded_kafka.servers)
    server = serve(FILE)
    assert server.client.post("/broken").status_code == 200
    assert server.client.post("/fixed").status_code == 200

    broken = start_consumer(FILE, SLOW, ["broken"])
    fixed = start_consumer(FILE, SLOW, ["fixed"])

    wait_until(lambda: broken.output.count("변환을 끝냈습니다") == 2, "같은 메시지의 두 번째 변환")
    broken.wait_for_line("커밋하지 못했습니다:")
    assert "커밋했습니다" not in broken.output
    fixed.wait_for_line("커밋했습니다")
    assert fixed.output.count("변환을 끝냈습니다") == 1
