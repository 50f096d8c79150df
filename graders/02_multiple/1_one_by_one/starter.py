"""연습 02-1: 태스크 넷이 어떤 차례로, 어디까지 실행되는지 맞히세요.

실행하지 말고 코드를 먼저 읽으세요. 한 함수의 "시작"과 "끝"은 따로 적힙니다.

목표:

- PREDICTED_STATUS에 POST /orders가 답할 상태 코드를 적습니다.
- PREDICTED_EVENTS에 그 뒤 GET /events가 답할 목록을 차례대로 적습니다.
- 그 아래의 코드는 고치지 않습니다.

확인하기: uv run lab check 02-1
"""

import asyncio
import time

from fastapi import BackgroundTasks, FastAPI

# TODO: 예측한 상태 코드를 적으세요. 예: 404
PREDICTED_STATUS: int | None = None
# TODO: 예측한 목록을 적으세요. 예: ["문자 시작", "기록 끝"]
PREDICTED_EVENTS: list[str] = []

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
