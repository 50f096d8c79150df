"""함정: async def 안에서 부른 flush()는 브로커가 답할 때까지 서버 전체를 멈춥니다.

증상: 브로커를 얼린 뒤(freeze) POST /broken을 부르면, 그동안 GET /ping도 답을 받지 못합니다.

web: uvicorn flush_freezes_the_loop:app
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from confluent_kafka import KafkaException, Producer
from confluent_kafka.aio import AIOProducer
from fastapi import FastAPI, HTTPException, Request

CONFIG = {
    "bootstrap.servers": os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:9092"),
    "message.timeout.ms": int(os.environ.get("MESSAGE_TIMEOUT_MS", "5000")),
}


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, AIOProducer]]:
    # AIOProducer는 임포트할 때 만들 수 없습니다. 실행 중인 이벤트 루프가 있어야 합니다.
    async with AIOProducer(dict(CONFIG), batch_size=1, buffer_timeout=0.1) as async_producer:
        yield {"producer": async_producer}


app = FastAPI(lifespan=lifespan)
producer = Producer(CONFIG)
done: list[str] = []


@app.post("/broken")
async def broken() -> None:
    producer.produce("audit", "broken")
    producer.flush()  # 적지 못해도 예외를 내지 않으므로 200으로 답합니다.
    done.append("broken")


@app.post("/fixed")
async def fixed(request: Request) -> None:
    delivery = await request.state.producer.produce("audit", "fixed")
    try:
        await delivery
    except KafkaException as error:
        raise HTTPException(503, "적지 못했습니다") from error
    finally:
        done.append("fixed")


@app.get("/ping")
async def ping() -> list[str]:
    """지금까지 일어난 일을 순서대로 답합니다."""
    done.append("ping")
    return done
