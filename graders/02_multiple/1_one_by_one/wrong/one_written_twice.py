"""같은 것을 두 번 적습니다."""

import asyncio
import time

from fastapi import BackgroundTasks, FastAPI

# 응답이 먼저 나갔으므로, 결제의 예외는 상태 코드를 바꾸지 못합니다.
PREDICTED_STATUS: int | None = 200
# 등록한 차례로 하나씩입니다. 결제의 예외에서 반복문이 끝나 문자는 시작하지 못합니다.
PREDICTED_EVENTS: list[str] = [
    "메일 시작",
    "메일 끝",
    "기록 시작",
    "기록 끝",
    "결제 시작",
    "결제 시작",
]

app = FastAPI()
events: list[str] = []


def write_log() -> None:
    events.append("기록 시작")
    time.sleep(0.2)
    events.append("기록 끝")


async def send_email() -> None:
    events.append("메일 시작")
    await asyncio.sleep(0.1)
    events.append("메일 끝")


async def send_message() -> None:
    events.append("문자 시작")
    await asyncio.sleep(0.1)
    events.append("문자 끝")


def charge_card() -> None:
    events.append("결제 시작")
    raise ConnectionError("결제 서버가 응답하지 않습니다")


@app.post("/orders")
async def create_order(background_tasks: BackgroundTasks) -> dict[str, str]:
    background_tasks.add_task(send_email)
    background_tasks.add_task(write_log)
    background_tasks.add_task(charge_card)
    background_tasks.add_task(send_message)
    return {"message": "주문을 받았습니다"}


@app.get("/events")
async def list_events() -> list[str]:
    return events
