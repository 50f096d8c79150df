"""연습 07-3: 포장하다가 컨슈머가 죽어도 주문마다 한 번씩 발송하게 하세요.

채점기는 의자 둘과 책상 하나를 주문하고, 첫 의자를 포장하는 동안 컨슈머를 kill -9로 죽인 다음
다시 켭니다.

목표:

- 주문 셋이 모두 발송됩니다(shipments).
- 재고(stock)는 10에서 발송한 만큼만 줄어듭니다. 의자는 8, 책상은 9입니다.
- 발송은 포장을 마친 다음에 적습니다.
- 적는 도중에 오류가 나도 발송과 재고 가운데 하나만 남지 않습니다.
- 끝난 주문까지 커밋합니다.
- 포장하는 동안 데이터베이스를 잠그지 않습니다. 다른 연결도 그동안 적을 수 있습니다.
- "받았습니다"를 출력하는 줄과 웹의 두 경로는 그대로 둡니다.

확인하기: uv run lab check 07-3
"""

import json
import os
import sqlite3
import time
from contextlib import closing
from uuid import uuid4

from confluent_kafka import Consumer, Producer, TopicPartition
from fastapi import FastAPI

SERVERS = {"bootstrap.servers": os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:9092")}
GROUP = {"group.id": "shipping", "enable.auto.commit": False, "auto.offset.reset": "earliest"}
PACK_SECONDS = float(os.environ.get("PACK_SECONDS", "5"))
TABLES = """
CREATE TABLE IF NOT EXISTS shipments (event_id PRIMARY KEY, product);
CREATE TABLE IF NOT EXISTS stock (product PRIMARY KEY, quantity);
INSERT OR IGNORE INTO stock VALUES ('의자', 10), ('책상', 10);
"""
Event = dict[str, str]
app = FastAPI()
producer = Producer(SERVERS)
with closing(sqlite3.connect("shop.db", timeout=30)) as connection:
    connection.executescript(TABLES)


@app.post("/orders/{product}", status_code=202)
def create_order(product: str) -> Event:
    """주문 이벤트를 적고, 적혔다는 확인을 받은 뒤에 응답합니다."""
    event = {"event_id": str(uuid4()), "product": product}
    producer.produce("orders", json.dumps(event), partition=0)
    producer.flush()
    return event


@app.get("/shop")
def read_shop() -> dict[str, object]:
    """남은 재고와, 발송한 주문의 id입니다."""
    with closing(sqlite3.connect("shop.db", timeout=30)) as database:
        stock = database.execute("SELECT product, quantity FROM stock").fetchall()
        shipments = database.execute("SELECT event_id FROM shipments").fetchall()
    return {"stock": dict(stock), "shipments": [event_id for (event_id,) in shipments]}


def ship(event: Event, database: sqlite3.Connection) -> None:
    """재고를 줄이고 포장하여 발송합니다."""
    # TODO: 포장하다가 죽어 이 이벤트가 다시 오면, 재고와 발송은 어떻게 됩니까?
    with database:  # 나갈 때 데이터베이스에 커밋합니다.
        query = "UPDATE stock SET quantity = quantity - 1 WHERE product = ?"
        database.execute(query, (event["product"],))
    time.sleep(PACK_SECONDS)  # 포장하는 시간입니다. 여기에서 kill -9가 옵니다.
    with database:
        query = "INSERT INTO shipments VALUES (?, ?)"
        database.execute(query, (event["event_id"], event["product"]))


def consume(consumer: Consumer, database: sqlite3.Connection) -> None:
    """주문을 하나씩 읽어 발송합니다."""
    while True:
        message = consumer.poll(0.5)
        if message is None or message.error():
            continue
        event: Event = json.loads(message.value() or b"{}")
        print(f"받았습니다: {event}", flush=True)
        consumer.commit(message=message, asynchronous=False)  # TODO: 언제 커밋해야 합니까?
        ship(event, database)


if __name__ == "__main__":
    producer.list_topics("orders")  # 토픽이 없으면 만들어집니다.
    with Consumer({**SERVERS, **GROUP}) as shipping, closing(sqlite3.connect("shop.db")) as shop:
        shipping.assign([TopicPartition("orders", 0)])
        consume(shipping, shop)
