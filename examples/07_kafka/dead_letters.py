"""읽을 수 없는 메시지를 옮겨 두는 데드 레터 토픽입니다. 사람이 보고 고친 뒤 다시 보냅니다."""

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from events import KAFKA_BOOTSTRAP_SERVERS, TOPIC

DEAD_TOPIC = f"{TOPIC}.dead"


def raise_if_failed(error: KafkaError | None, _: Message) -> None:
    if error:
        raise KafkaException(error)


def bury(message: Message, reason: str) -> None:
    """메시지를 이유와 함께 데드 레터 토픽에 옮겨 적고, 적힌 것을 확인합니다.

    Raises:
        KafkaException: 적지 못했을 때. 원래 메시지를 커밋하면 안 됩니다.
    """
    source = f"{message.topic()}/{message.partition()}/{message.offset()}"
    producer = Producer({"bootstrap.servers": KAFKA_BOOTSTRAP_SERVERS, "acks": "all"})
    producer.produce(
        DEAD_TOPIC,
        message.value(),
        message.key(),
        headers=[("reason", reason), ("source", source)],
        on_delivery=raise_if_failed,
    )
    producer.flush()
    print(f"읽을 수 없는 메시지를 {DEAD_TOPIC}에 옮겼습니다: {source}")
