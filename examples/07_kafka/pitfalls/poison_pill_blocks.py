"""함정: 읽을 수 없는 메시지 하나가 그 뒤의 메시지를 모두 막습니다.

증상: 컨슈머가 JSONDecodeError로 죽습니다. 다시 시작해도 같은 메시지에서 또 죽습니다.

web: uvicorn poison_pill_blocks:app
broken: python poison_pill_blocks.py broken
fixed: python poison_pill_blocks.py fixed
"""

import json
import os
import sys

from confluent_kafka import Consumer, Producer, TopicPartition
from fastapi import FastAPI

SERVERS = {"bootstrap.servers": os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:9092")}
GROUP = {"group.id": "payment", "enable.auto.commit": False, "auto.offset.reset": "earliest"}
app = FastAPI()


def write_payments(name: str) -> None:
    with Producer(SERVERS) as producer:
        for value in ('{"amount": 100}', "금액: 200원", '{"amount": 300}'):
            producer.produce(f"payments-{name}", value, partition=0)


@app.post("/broken")
def broken() -> None:
    write_payments("broken")


@app.post("/fixed")
def fixed() -> None:
    write_payments("fixed")


def consume(name: str) -> None:
    producer = Producer(SERVERS)
    producer.list_topics(f"payments-{name}")  # 토픽이 없으면 만들어집니다.
    consumer = Consumer({**SERVERS, **GROUP})
    consumer.assign([TopicPartition(f"payments-{name}", 0)])
    while True:
        if (message := consumer.poll(0.1)) and not message.error():
            try:
                print(f"결제: {json.loads(message.value() or '')['amount']}원")
            except ValueError:
                if name == "broken":
                    raise
                producer.produce("payments-dead", message.value())
                producer.flush()
                print("payments-dead에 옮겼습니다")
            consumer.commit(message=message, asynchronous=False)


if __name__ == "__main__":
    consume(sys.argv[1])
