"""가입 이벤트를 읽어 환영 쿠폰을 발급합니다. 여럿을 실행하면 파티션을 나누어 맡습니다."""

import argparse
import os
import signal
import threading
import time
from contextlib import closing

from confluent_kafka import Consumer, KafkaException, TopicPartition
from pydantic import ValidationError

from database import DATABASE_PATH, Database
from dead_letters import bury
from events import KAFKA_BOOTSTRAP_SERVERS, TOPIC, UserCreated

COUPON_SECONDS = float(os.environ.get("COUPON_SECONDS", "2"))
SESSION_TIMEOUT_MS = int(os.environ.get("KAFKA_SESSION_TIMEOUT_MS", "6000"))
stopping = threading.Event()


def give_coupon(event: UserCreated, database: Database) -> None:
    """환영 쿠폰을 발급합니다. 같은 이벤트가 다시 와도 쿠폰은 한 장입니다."""
    print(f"받았습니다: {event.email}")
    database.record_delivery(event)
    time.sleep(COUPON_SECONDS)  # 오래 걸리는 작업 시뮬레이션
    if database.issue_coupon(event):
        print(f"환영 쿠폰 발급 완료: {event.email}")
    else:
        print(f"이미 발급한 쿠폰입니다: {event.email}")


def consume(consumer: Consumer, database: Database) -> None:
    """이벤트를 하나씩 처리합니다. 커밋은 효과가 남은 뒤에 합니다."""
    while not stopping.is_set():
        message = consumer.poll(0.5)
        if message is None:
            continue
        if message.error():
            print("브로커의 알림:", message.error())
            continue
        try:
            give_coupon(UserCreated.model_validate_json(message.value() or b""), database)
        except ValidationError as error:
            bury(message, str(error))
        try:
            consumer.commit(message=message, asynchronous=False)
        except KafkaException as error:
            print(f"커밋하지 못했습니다. 같은 이벤트가 다시 올 수 있습니다: {error}")


def show_partitions(_: Consumer, partitions: list[TopicPartition]) -> None:
    print("맡은 파티션:", sorted(partition.partition for partition in partitions))


def main() -> None:
    """그룹에 들어가 일하다가, 끝내라는 신호를 받으면 하던 이벤트까지 마치고 나갑니다."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--group", default="coupon", help="컨슈머 그룹의 이름")
    parser.add_argument("--database", default=DATABASE_PATH, help="상태를 적을 SQLite 파일")
    options = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    config = {
        "bootstrap.servers": KAFKA_BOOTSTRAP_SERVERS,
        "reconnect.backoff.max.ms": 1000,
        "group.id": options.group,
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
        "session.timeout.ms": SESSION_TIMEOUT_MS,
        "heartbeat.interval.ms": SESSION_TIMEOUT_MS // 3,
        "topic.metadata.refresh.interval.ms": 1000,  # 새로 생긴 토픽과 파티션을 찾는 간격입니다.
    }
    with Consumer(config) as consumer, closing(Database(options.database)) as database:
        consumer.subscribe([TOPIC], on_assign=show_partitions)
        consume(consumer, database)


if __name__ == "__main__":
    main()
