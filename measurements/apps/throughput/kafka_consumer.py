"""Kafka의 컨슈머. 07 예제처럼 하나마다 커밋하거나, 여럿을 모아 커밋합니다.

실행: python kafka_consumer.py 토픽의_이름 커밋하는_간격(개) 파티션의_번호
"""

import os
import sys
from functools import cache
from typing import Any

import effect
from confluent_kafka import Consumer, Producer, TopicPartition


@cache
def producer(servers: str) -> Producer:
    return Producer({"bootstrap.servers": servers, "acks": "all", "linger.ms": 5})


def publish(url: str, queue: str, task: str, count: int) -> None:
    found = producer(url)
    for number in range(count):
        while True:
            try:
                # 파티션에 고르게 나누어 적습니다.
                found.produce(queue, f"{task} {queue}", partition=number % 4)
                break
            except BufferError:
                found.poll(0.1)
        found.poll(0)
    found.flush()


def main(topic: str, every: int, partition: int) -> None:
    config: dict[str, Any] = {
        "bootstrap.servers": os.environ["KAFKA_BOOTSTRAP_SERVERS"],
        "group.id": topic,
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
        "topic.metadata.refresh.interval.ms": 1000,
    }
    producer(config["bootstrap.servers"]).list_topics(topic)  # 없으면 브로커가 만듭니다.
    consumer = Consumer(config)
    # 파티션을 정해 두면, 시작할 때 서로 나누어 맡느라 다시 읽는 것이 없습니다.
    consumer.assign([TopicPartition(topic, partition)])
    handled = 0
    while True:
        message = consumer.poll(0.1)
        if message is None and handled % every:
            consumer.commit(asynchronous=False)
            handled = 0
        if message is None or message.error():
            continue
        task, _, label = (message.value() or b"").decode().partition(" ")
        getattr(effect, task)(label)
        handled += 1
        if handled % every == 0:
            consumer.commit(message=message, asynchronous=False)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
