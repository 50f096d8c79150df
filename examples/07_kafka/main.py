"""가입을 이벤트 로그에 적습니다. 환영 쿠폰은 로그를 읽는 컨슈머가 발급합니다."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing

from confluent_kafka import KafkaException
from confluent_kafka.aio import AIOProducer
from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, EmailStr, Field

from database import Database, User
from events import KAFKA_BOOTSTRAP_SERVERS, TOPIC, UserCreated

PRODUCER_CONFIG = {
    "bootstrap.servers": KAFKA_BOOTSTRAP_SERVERS,
    "acks": "all",
    "enable.idempotence": True,
    "message.timeout.ms": 1500,  # 이 안에 적히지 않으면 503으로 답합니다.
    "reconnect.backoff.max.ms": 1000,
}


async def serve_deliveries(producer: AIOProducer) -> None:
    """로그에 적혔다는 확인을, 오는 대로 기다리는 요청에 전합니다."""
    while True:
        await producer.poll(0.1)


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, AIOProducer]]:
    """프로듀서를 이벤트 루프 안에서 만듭니다. 브로커가 죽어 있어도 앱은 시작합니다."""
    async with AIOProducer(PRODUCER_CONFIG, batch_size=1, buffer_timeout=0) as producer:
        polling = asyncio.create_task(serve_deliveries(producer))
        yield {"producer": producer}
        polling.cancel()


app = FastAPI(lifespan=lifespan)


class NewUser(BaseModel):
    name: str = Field(min_length=1, max_length=50)
    email: EmailStr


@app.post("/users/", status_code=202, responses={503: {"description": "이벤트를 적지 못함"}})
async def create_user(user: NewUser, request: Request) -> dict[str, str]:
    """가입 이벤트를 적고, 적혔다는 확인을 받은 뒤에 응답합니다."""
    event = UserCreated(name=user.name, email=user.email)
    # 키가 같은 이벤트는 한 파티션에, 적은 순서대로 쌓입니다.
    producer: AIOProducer = request.state.producer
    await (await producer.produce(TOPIC, event.model_dump_json(), key=event.user_id))
    return {"user_id": event.user_id, "message": "가입 이벤트를 적었습니다"}


@app.get("/users/{user_id}", responses={404: {"description": "모르는 사용자"}})
def read_user(user_id: str) -> User:
    """컨슈머가 만든 상태를 읽습니다. 컨슈머가 이벤트를 읽기 전에는 404입니다."""
    with closing(Database()) as database:
        user = database.find_user(user_id)
    if user is None:
        raise HTTPException(404, "모르는 사용자이거나, 컨슈머가 아직 이벤트를 읽지 않았습니다")
    return user


@app.exception_handler(KafkaException)
async def explain_unreachable_broker(request: Request, error: Exception) -> JSONResponse:
    message = "가입 이벤트를 적지 못했습니다. 브로커를 확인하고 잠시 뒤에 다시 시도하세요"
    return JSONResponse({"detail": message}, status_code=503, headers={"Retry-After": "5"})


@app.exception_handler(400)
@app.exception_handler(RequestValidationError)
async def explain_invalid_body(request: Request, error: Exception) -> JSONResponse:
    message = '이름과 이메일 주소를 보내세요. 예: {"name": "김하나", "email": "user@example.com"}'
    detail = [{"loc": ["body"], "type": "new_user", "msg": message}]
    return JSONResponse({"detail": detail}, status_code=422)
