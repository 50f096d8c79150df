"""함정: asyncio.create_task로 넘긴 UploadFile은 요청이 끝나면 닫힙니다.

증상: 응답은 200인데 파일이 저장되지 않고, 로그에 닫힌 파일을 읽었다는 ValueError가 나옵니다.

web: uvicorn upload_closed_under_create_task:app
"""

import asyncio
import os

from fastapi import FastAPI, UploadFile

TASK_SECONDS = float(os.environ.get("TASK_SECONDS", "0.5"))

app = FastAPI()
done: list[str] = []
running: set[asyncio.Task[None]] = set()


async def scan_for_viruses() -> None:
    await asyncio.sleep(TASK_SECONDS)


async def save_upload(file: UploadFile) -> None:
    await scan_for_viruses()
    done.append(f"broken: {len(await file.read())}바이트")


@app.post("/broken")
async def broken(file: UploadFile) -> dict[str, str]:
    task = asyncio.create_task(save_upload(file))
    running.add(task)
    task.add_done_callback(running.discard)
    return {"message": "파일을 받았습니다"}


async def save_content(content: bytes) -> None:
    await scan_for_viruses()
    done.append(f"fixed: {len(content)}바이트")


@app.post("/fixed")
async def fixed(file: UploadFile) -> dict[str, str]:
    content = await file.read()  # 큰 파일이라면 디스크에 복사하고 그 경로를 넘기세요.
    task = asyncio.create_task(save_content(content))
    running.add(task)
    task.add_done_callback(running.discard)
    return {"message": "파일을 받았습니다"}


@app.get("/done")
def list_done() -> list[str]:
    return done
