"""함정: add_task에 코루틴을 넘기면 태스크가 실행되지 않습니다.

증상: 응답은 200인데 알림이 없습니다. 서버 로그에는 응답이 나간 뒤의 TypeError와
"never awaited" 경고가 남습니다.

web: uvicorn coroutine_instead_of_function:app
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
    # mypy는 이 실수를 잡아냅니다. 여기에서는 보여 주려고 그대로 둡니다.
    background_tasks.add_task(write_notification("broken@example.com", "환영합니다!"))  # type: ignore[arg-type]
    return {"message": "알림이 전송될 예정입니다"}


@app.post("/fixed")
async def fixed(background_tasks: BackgroundTasks) -> dict[str, str]:
    background_tasks.add_task(write_notification, "fixed@example.com", "환영합니다!")
    return {"message": "알림이 전송될 예정입니다"}


@app.get("/done")
async def list_done() -> list[str]:
    return done
