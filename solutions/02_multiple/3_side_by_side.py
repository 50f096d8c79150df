"""연습 02-3: 알림 셋을 나란히 보내고, 그다음에 기록을 남기세요.

notify는 한 채널로 알림을 보냅니다. down에 적힌 채널은 실패합니다.

목표:

- POST /users/kim: 메일, 문자, 푸시가 함께 시작하고, 셋이 모두 끝난 다음에 "기록: kim"이 남습니다.
- POST /users/lee?down=문자: 문자가 실패해도 메일과 푸시는 끝까지 가고 "기록: lee"도 남습니다.
- 실패한 채널의 이름과 까닭(예외의 글)이 서버의 로그에 남습니다.
- 응답은 알림을 기다리지 않습니다.

실행하기: uv run fastapi dev --port 8001 exercises/02_multiple/3_side_by_side.py
확인하기: uv run lab check 02-3
"""

import asyncio
import logging

from fastapi import BackgroundTasks, FastAPI

CHANNELS = ["메일", "문자", "푸시"]

app = FastAPI()
logger = logging.getLogger("uvicorn.error")
events: list[str] = []


async def notify(channel: str, down: str) -> None:
    """한 채널로 알림을 보내고 시작과 끝을 적습니다. 이 함수는 고치지 마세요."""
    events.append(f"{channel} 시작")
    if channel == down:
        raise ConnectionError(f"{channel} 서버가 응답하지 않습니다")
    await asyncio.sleep(0.3)
    events.append(f"{channel} 끝")


def write_log(name: str) -> None:
    events.append(f"기록: {name}")


async def notify_all(down: str) -> None:
    """CHANNELS의 채널로 알림을 나란히 보냅니다. 하나가 실패해도 나머지는 끝까지 갑니다."""
    results = await asyncio.gather(
        *(notify(channel, down) for channel in CHANNELS), return_exceptions=True
    )
    for channel, result in zip(CHANNELS, results, strict=True):
        if isinstance(result, BaseException):
            logger.error("%s 알림 실패: %s", channel, result)


@app.post("/users/{name}")
async def create_user(
    name: str, background_tasks: BackgroundTasks, down: str = ""
) -> dict[str, str]:
    # 알림을 담은 태스크가 끝나야 다음 태스크가 시작하므로, 기록은 저절로 나중입니다.
    background_tasks.add_task(notify_all, down)
    background_tasks.add_task(write_log, name)
    return {"message": "사용자가 생성되었습니다"}


@app.get("/events")
async def list_events() -> list[str]:
    return events
