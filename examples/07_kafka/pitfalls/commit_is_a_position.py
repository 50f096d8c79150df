"""함정: 커밋은 메시지가 아니라 위치를 적습니다.

증상: 2번 주문을 한 번 처리하지 못했을 뿐인데, 컨슈머를 다시 시작해도 2번은 다시 오지 않습니다.

web: uvicorn commit_is_a_position:app
broken: python commit_is_a_position.py broken
fixed: python commit_is_a_position.py fixed
"""

import os
import sys

from confluent_kafka import Consumer, Producer, TopicPartition
from fastapi import FastAPI

SERVERS = {"bootstrap.servers": os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:9092")}
GROUP = {"group.id": "stock", "enable.auto.commit": False, "auto.offset.reset": "earliest"}
app = FastAPI()


def write_orders(name: str) -> None:
    with Producer(SERVERS) as producer:
        for number in "123":
            producer.produce(f"orders-{name}", f"{number}번 주문", partition=0)


@app.post("/broken")
def broken() -> None:
    write_orders("broken")


@app.post("/fixed")
def fixed() -> None:
    write_orders("fixed")


def consume(name: str) -> None:
    failures = 1  # 재고 서버가 2번 주문에 처음 한 번은 답하지 않습니다.
    Producer(SERVERS).list_topics(f"orders-{name}")  # 토픽이 없으면 만들어집니다.
    consumer = Consumer({**SERVERS, **GROUP})
    consumer.assign([TopicPartition(f"orders-{name}", 0)])
    while True:
        if (message := consumer.poll(0.1)) and not message.error():
            order = (message.value() or b"").decode()
            if order == "2번 주문" and failures:
                failures -= 1
                print(f"실패: {order}")
                if name == "fixed":  # 실패한 자리로 돌아가 다시 읽습니다.
                    consumer.seek(TopicPartition(f"orders-{name}", 0, message.offset() or 0))
            else:  # broken의 2번은 커밋하지 않았지만, 3번의 커밋이 그 위치를 지나갑니다.
                print(f"처리: {order}")
                consumer.commit(message=message, asynchronous=False)


if __name__ == "__main__":
    consume(sys.argv[1])
