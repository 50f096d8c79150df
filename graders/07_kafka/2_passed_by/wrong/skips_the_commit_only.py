"""연습 07-2: 실패한 주문을 지나쳐 버리는 컨슈머를 고치세요.

채점기는 주문 1번, 2번, 읽을 수 없는 메시지, 4번을 한 파티션에 차례로 적습니다.
재고 서버는 2번 주문에 처음 한 번 답하지 않습니다.

목표:

- 재고를 1번, 2번, 4번의 차례로 한 번씩 잡습니다(reserved.txt).
- 읽을 수 없는 메시지는 orders.dead 토픽에 옮겨 적고 지나갑니다.
- 컨슈머는 끝나지 않고, 마지막까지 커밋합니다.
- 자리를 출력하는 줄은 그대로 둡니다.

확인하기: uv run lab check 07-2
"""

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
            reserve(Order.model_validate_json(message.value() or b""))
        except ConnectionError:
            continue
        except ValidationError:
            producer.produce(DEAD_TOPIC, message.value(), message.key())
            producer.flush()
        consumer.commit(message=message, asynchronous=False)


if __name__ == "__main__":
    producer.list_topics(TOPIC)  # 토픽이 없으면 만들어집니다.
    with Consumer({**SERVERS, **GROUP}) as stock:
        stock.assign([TopicPartition(TOPIC, 0)])
        consume(stock)
