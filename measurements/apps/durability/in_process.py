"""태스크를 웹 프로세스 안에서 실행하는 두 방법."""

import asyncio

import effects
from fastapi import BackgroundTasks, FastAPI

STARTED = {"message": "데이터 처리가 시작되었습니다"}

app = FastAPI()
running: set[asyncio.Task[None]] = set()


async def work_async(number: int) -> None:
    await asyncio.sleep(effects.WORK_SECONDS)
    effects.write(number)


@app.post("/background-tasks/{number}")
async def background(number: int, background_tasks: BackgroundTasks) -> dict[str, str]:
    background_tasks.add_task(effects.work, number)
    return STARTED


@app.post("/create-task/{number}")
async def create_task(number: int) -> dict[str, str]:
    task = asyncio.create_task(work_async(number))
    running.add(task)
    task.add_done_callback(running.discard)
    return STARTED
