"""연습 07-1: 이벤트가 어디에 적히고, 다시 읽으면 몇 개가 오는지 재세요.

uv run lab 07을 켜 두고 다른 터미널에서 아래를 차례로 실행하세요.
…은 실습 도구의 터미널에 나온 포트입니다.
PowerShell에서는 첫 줄을 $env:KAFKA_BOOTSTRAP_SERVERS = "127.0.0.1:…"로 적으세요.

    export KAFKA_BOOTSTRAP_SERVERS=127.0.0.1:…
    uv run python exercises/07_kafka/1_where_is_it.py write kim lee kim park
    uv run python exercises/07_kafka/1_where_is_it.py read a
    uv run python exercises/07_kafka/1_where_is_it.py read a
    uv run python exercises/07_kafka/1_where_is_it.py read b

본 것을 MEASURED에 적으세요. 다른 줄은 고치지 마세요. 다시 재려면 실습 도구를 껐다 켜세요.

확인하기: uv run lab check 07-1
"""

import os
import sys

from confluent_kafka import Consumer, KafkaError, Message, Producer, TopicPartition

# 키가 같으면 파티션이 같습니다. 키가 달라도 같은 파티션에 적힐 수 있습니다.
# 읽어도 지워지지 않습니다. 그룹마다 읽을 자리가 따로 있고, 커밋한 자리부터 다시 읽습니다.
MEASURED = {
    "kim": [0],
    "lee": [3],
    "park": [3],
    "first a": 4,
    "second a": 0,
    "first b": 4,
}

SERVERS = {"bootstrap.servers": os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:9092")}
TOPIC = "visits"
PARTITIONS = 4


def show(error: KafkaError | None, message: Message) -> None:
    """브로커가 어디에 적었는지 보여 줍니다."""
    key = (message.key() or b"").decode()
    print(f"{key}: {message.partition()}번 파티션, 오프셋 {message.offset()}")


def write(names: list[str]) -> None:
    """이름을 키로 하여 방문 이벤트를 적습니다."""
    with Producer(SERVERS) as producer:
        for name in names:
            producer.produce(TOPIC, f"{name}의 방문", name, on_delivery=show)


def read(group: str) -> None:
    """그룹이 커밋한 자리부터 로그의 끝까지 읽고, 하나를 읽을 때마다 커밋합니다."""
    options = {"enable.auto.commit": False, "auto.offset.reset": "earliest"}
    config = {**SERVERS, **options, "group.id": group, "enable.partition.eof": True}
    count = ended = 0
    with Consumer(config) as consumer:
        consumer.assign([TopicPartition(TOPIC, number) for number in range(PARTITIONS)])
        while ended < PARTITIONS:
            message = consumer.poll(1)
            if message is None:
                continue
            if error := message.error():  # 파티션의 끝에 닿으면 알림이 한 번 옵니다.
                ended += error.code() == KafkaError._PARTITION_EOF
                continue
            show(None, message)
            consumer.commit(message=message, asynchronous=False)
            count += 1
    print(f"그룹 {group}: {count}개를 읽었습니다")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["write", *names] if names:
            write(names)
        case ["read", group]:
            read(group)
        case _:
            sys.exit("뒤에 write kim lee kim park나 read a처럼 할 일을 적으세요.")
