"""함정: 받을 큐가 없는 메시지는 오류 없이 버려집니다.

증상: 응답은 200이고 로그에도 오류가 없는데, 주문이 shipping 큐에 들어오지 않습니다.

web: uvicorn unroutable_message_vanishes:app
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from amqp.exceptions import ChannelError
from celery import Celery
from fastapi import FastAPI, HTTPException
from kombu import Exchange, Queue

RABBITMQ_URL = os.environ.get("RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672//")
celery_app = Celery("unroutable_message_vanishes", broker=RABBITMQ_URL)
celery_app.conf.broker_transport_options = {"confirm_publish": True}
shipping = Queue("shipping", Exchange("orders", type="topic"), "order.created")


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    with celery_app.connection_for_write() as connection:
        shipping(connection.default_channel).declare()
    yield


app = FastAPI(lifespan=lifespan)


@celery_app.task
def ship_broken(order_id: int) -> None:
    """배송 서비스의 워커가 실행합니다. 이 함정에는 워커가 없습니다."""


@celery_app.task(mandatory=True)  # 받을 큐가 없으면 브로커가 메시지를 돌려보냅니다.
def ship_fixed(order_id: int) -> None: ...


@app.post("/broken")
def broken(key: str) -> dict[str, str]:
    ship_broken.apply_async((1,), exchange="orders", routing_key=key)
    return {"message": "주문을 받았습니다"}


@app.post("/fixed")
def fixed(key: str) -> dict[str, str]:
    try:
        ship_fixed.apply_async((1,), exchange="orders", routing_key=key)
    except ChannelError as error:
        raise HTTPException(500, f"주문을 전하지 못했습니다: {error.reply_text}") from None
    return {"message": "주문을 받았습니다"}


@app.get("/done")
def look_into_the_queue() -> dict[str, bool]:
    with celery_app.connection_for_write() as connection:  # 끊으면 메시지가 큐로 돌아갑니다.
        return {"shipping": shipping(connection.default_channel).get() is not None}
