"""같은 일을 서로 다른 곳에서 하는 엔드포인트. 클라이언트가 기다리는 시간을 견줍니다."""

import asyncio
import os
import time
from typing import Any

from fastapi import BackgroundTasks, FastAPI

WORK_SECONDS = float(os.environ.get("WORK_SECONDS", "0.01"))
STARTED = {"message": "데이터 처리가 시작되었습니다"}

app = FastAPI()
running: set[asyncio.Task[None]] = set()


def work(data: dict[str, Any]) -> None:
    time.sleep(WORK_SECONDS)


async def work_async(data: dict[str, Any]) -> None:
    await asyncio.sleep(WORK_SECONDS)


@app.post("/empty")
async def empty(data: dict[str, Any]) -> dict[str, str]:
    return STARTED


@app.post("/empty-def")
def empty_def(data: dict[str, Any]) -> dict[str, str]:
    return STARTED


@app.post("/inline")
def inline(data: dict[str, Any]) -> dict[str, str]:
    work(data)
    return STARTED


@app.post("/background")
async def background(data: dict[str, Any], background_tasks: BackgroundTasks) -> dict[str, str]:
    background_tasks.add_task(work, data)
    return STARTED


@app.post("/background-async")
async def background_async(
    data: dict[str, Any], background_tasks: BackgroundTasks
) -> dict[str, str]:
    background_tasks.add_task(work_async, data)
    return STARTED


@app.post("/create-task")
async def create_task(data: dict[str, Any]) -> dict[str, str]:
    task = asyncio.create_task(work_async(data))
    running.add(task)
    task.add_done_callback(running.discard)
    return STARTED
