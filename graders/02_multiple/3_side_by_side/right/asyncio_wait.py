"""asyncio.wait로 기다립니다."""

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
    tasks = {asyncio.create_task(notify(c, down)): c for c in CHANNELS}
    done, _ = await asyncio.wait(tasks)
    for x in done:
        if x.exception():
            logger.error("%s %s", tasks[x], x.exception())


@app.post("/users/{name}")
async def create_user(
    name: str, background_tasks: BackgroundTasks, down: str = ""
) -> dict[str, str]:
    background_tasks.add_task(notify_all, down)
    background_tasks.add_task(write_log, name)
    return {"message": "사용자가 생성되었습니다"}


@app.get("/events")
async def list_events() -> list[str]:
    return events
