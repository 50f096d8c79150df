"""기본 키의 오류로 알아봅니다."""

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


def ship(event, database):
    time.sleep(PACK_SECONDS)
    try:
        with database:
            database.execute(
                "INSERT INTO shipments VALUES (?, ?)", (event["event_id"], event["product"])
            )
            database.execute(
                "UPDATE stock SET quantity = quantity - 1 WHERE product = ?", (event["product"],)
            )
    except sqlite3.IntegrityError:
        print("이미 발송")


def consume(consumer: Consumer, database: sqlite3.Connection) -> None:
    while True:
        message = consumer.poll(0.5)
        if message is None or message.error():
            continue
        event: Event = json.loads(message.value() or b"{}")
        print(f"받았습니다: {event}", flush=True)
        ship(event, database)
        consumer.commit(message=message, asynchronous=False)


if __name__ == "__main__":
    producer.list_topics("orders")  # 토픽이 없으면 만들어집니다.
    with Consumer({**SERVERS, **GROUP}) as shipping, closing(sqlite3.connect("shop.db")) as shop:
        shipping.assign([TopicPartition("orders", 0)])
        consume(shipping, shop)
