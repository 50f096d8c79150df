"""그 자리에서 될 때까지 다시 합니다."""

import os

from confluent_kafka import Consumer, Producer, TopicPartition
from pydantic import BaseModel, ValidationError

SERVERS = {"bootstrap.servers": os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:9092")}
GROUP = {"group.id": "stock", "enable.auto.commit": False, "auto.offset.reset": "earliest"}
TOPIC, DEAD_TOPIC = "orders", "orders.dead"
producer = Producer(SERVERS)
unanswered = [2]


class Order(BaseModel):
    number: int


def reserve(order: Order) -> None:
    """재고를 잡고 reserved.txt에 적습니다. 이 함수는 고치지 마세요."""
    if order.number in unanswered:
        unanswered.remove(order.number)
        raise ConnectionError("재고 서버가 답하지 않습니다")
    with open("reserved.txt", "a", encoding="utf-8") as file:
        file.write(f"{order.number}\n")


def consume(consumer: Consumer) -> None:
    """주문을 하나씩 읽어 재고를 잡습니다."""
    while True:
        message = consumer.poll(0.5)
        if message is None or message.error():
            continue
        print(f"{message.offset()}번 자리를 읽었습니다", flush=True)
        try:
            order = Order.model_validate_json(message.value() or b"")
        except ValidationError:
            producer.produce(DEAD_TOPIC, message.value())
            producer.flush()
            consumer.commit(message=message, asynchronous=False)
            continue
        while True:
            try:
                reserve(order)
                break
            except ConnectionError as error:
                print(error)
        consumer.commit(message=message, asynchronous=False)


if __name__ == "__main__":
    producer.list_topics(TOPIC)  # 토픽이 없으면 만들어집니다.
    with Consumer({**SERVERS, **GROUP}) as stock:
        stock.assign([TopicPartition(TOPIC, 0)])
        consume(stock)
