"""함정: 비동기 함수를 lambda로 감싸 등록하면 아무 일도 일어나지 않습니다.

증상: 응답은 200이고 오류도 없는데 알림이 없습니다. 서버 로그의 "never awaited" 경고가 유일한
단서입니다.

web: uvicorn lambda_around_a_coroutine:app
"""

import asyncio
import os

from fastapi import BackgroundTasks, FastAPI

TASK_SECONDS = float(os.environ.get("TASK_SECONDS", "0.5"))

app = FastAPI()
done: list[str] = []


async def write_notification(email: str, message: str) -> None:
    await asyncio.sleep(TASK_SECONDS)
    done.append(f"{email}: {message}")


@app.post("/broken")
async def broken(background_tasks: BackgroundTasks) -> dict[str, str]:
    background_tasks.add_task(lambda: write_notification("broken@example.com", "환영합니다!"))
    return {"message": "알림이 전송될 예정입니다"}


@app.post("/fixed")
async def fixed(background_tasks: BackgroundTasks) -> dict[str, str]:
    background_tasks.add_task(write_notification, "fixed@example.com", message="환영합니다!")
    return {"message": "알림이 전송될 예정입니다"}


@app.get("/done")
async def list_done() -> list[str]:
    return done
