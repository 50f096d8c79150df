"""`asyncio.create_task`에 넘긴 업로드 파일을, 응답이 끝난 뒤에도 읽을 수 있는가."""

import asyncio

from fastapi import FastAPI, UploadFile
from recorder import after_response, note

app = FastAPI()
running: set[asyncio.Task[None]] = set()


async def read(file: UploadFile) -> None:
    await after_response()
    note("닫힌 파일" if file.file.closed else "파일 읽기")


@app.post("/upload")
async def endpoint(file: UploadFile) -> None:
    task = asyncio.create_task(read(file))
    running.add(task)
    task.add_done_callback(running.discard)
