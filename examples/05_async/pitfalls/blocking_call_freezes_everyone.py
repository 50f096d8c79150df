"""함정: async def 태스크 안의 블로킹 호출은 서버 전체를 멈춥니다.

증상: 태스크가 도는 동안 아무 상관 없는 GET /ping까지 답을 받지 못합니다.

web: uvicorn blocking_call_freezes_everyone:app
"""

import os
import time

from fastapi import BackgroundTasks, FastAPI

TASK_SECONDS = float(os.environ.get("TASK_SECONDS", "5"))

app = FastAPI()
done: list[str] = []


def call_payment_api() -> None:
    """asyncio를 모르는 라이브러리의 호출을 대신합니다."""
    time.sleep(TASK_SECONDS)


async def broken_task() -> None:
    call_payment_api()
    done.append("broken 태스크 끝")


@app.post("/broken")
async def broken(background_tasks: BackgroundTasks) -> dict[str, str]:
    background_tasks.add_task(broken_task)
    return {"message": "결제를 요청했습니다"}


def fixed_task() -> None:
    """def 태스크는 이벤트 루프가 아니라 스레드풀에서 실행됩니다."""
    call_payment_api()
    done.append("fixed 태스크 끝")


@app.post("/fixed")
async def fixed(background_tasks: BackgroundTasks) -> dict[str, str]:
    background_tasks.add_task(fixed_task)
    return {"message": "결제를 요청했습니다"}


@app.get("/ping")
async def ping() -> list[str]:
    """지금까지 일어난 일을 순서대로 답합니다."""
    done.append("ping")
    return done
