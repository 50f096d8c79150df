"""함정: 태스크를 여러 개 등록해도 나란히 실행되지 않고 하나씩 차례로 실행됩니다.

증상: 1초씩 걸리는 알림 셋이 모두 나가는 데 3초가 걸리고, 시작과 끝이 번갈아 기록됩니다.

web: uvicorn tasks_run_one_by_one:app
"""

import asyncio
import logging
import os

from fastapi import BackgroundTasks, FastAPI

TASK_SECONDS = float(os.environ.get("TASK_SECONDS", "1"))
CHANNELS = ["메일", "문자", "푸시"]

app = FastAPI()
logger = logging.getLogger("uvicorn.error")
done: list[str] = []


async def notify(channel: str) -> None:
    """한 채널로 알림을 보내고 시작과 끝을 기록합니다."""
    done.append(f"{channel} 시작")
    await asyncio.sleep(TASK_SECONDS)
    done.append(f"{channel} 끝")


@app.post("/broken")
async def broken(background_tasks: BackgroundTasks) -> dict[str, str]:
    for channel in CHANNELS:
        background_tasks.add_task(notify, channel)
    return {"message": "사용자가 생성되었습니다"}


async def notify_all(channels: list[str]) -> None:
    """알림을 나란히 보냅니다. 하나가 실패해도 나머지는 끝까지 갑니다."""
    results = await asyncio.gather(*map(notify, channels), return_exceptions=True)
    for channel, result in zip(channels, results, strict=True):
        # return_exceptions는 예외를 값으로 돌려주므로 직접 남기지 않으면 조용히 사라집니다.
        if isinstance(result, BaseException):
            logger.error("%s 알림 실패", channel, exc_info=result)


@app.post("/fixed")
async def fixed(background_tasks: BackgroundTasks) -> dict[str, str]:
    background_tasks.add_task(notify_all, CHANNELS)
    return {"message": "사용자가 생성되었습니다"}


@app.get("/done")
async def list_done() -> list[str]:
    return done
