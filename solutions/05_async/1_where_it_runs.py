"""연습 05-1: 태스크가 어디에서 실행되고, 누구를 기다리게 하는지 재세요.

서버를 켜고, 태스크마다 POST /tasks/이름을 보낸 다음 바로 GET /ping을 보내세요.
/ping의 답은 지금까지 일어난 일의 차례입니다. 태스크는 3초가 걸립니다.

목표:

- ON_EVENT_LOOP에 이벤트 루프에서 실행된 태스크의 이름을 모두 적습니다.
- FREEZES에 "ping"을 자기의 끝보다 뒤로 밀어낸 태스크의 이름을 모두 적습니다.
- 그 아래의 코드는 고치지 않습니다.

실행하기: uv run fastapi dev --port 8001 exercises/05_async/1_where_it_runs.py
확인하기: uv run lab check 05-1
"""

import asyncio
import os
import threading
import time

from fastapi import BackgroundTasks, FastAPI, HTTPException

# async def 태스크는 모두 이벤트 루프에서 실행됩니다.
ON_EVENT_LOOP: list[str] = ["await_sleep", "time_sleep", "count"]
# 그 가운데 await로 차례를 돌려주지 않는 것이 다른 요청을 기다리게 합니다.
FREEZES: list[str] = ["time_sleep", "count"]

TASK_SECONDS = float(os.environ.get("TASK_SECONDS", "3"))

app = FastAPI()
events: list[str] = []


def note_start(name: str) -> None:
    main = threading.current_thread() is threading.main_thread()
    events.append(f"{name} 시작: {'이벤트 루프' if main else '스레드풀'}")


async def await_sleep() -> None:
    note_start("await_sleep")
    await asyncio.sleep(TASK_SECONDS)
    events.append("await_sleep 끝")


async def time_sleep() -> None:
    note_start("time_sleep")
    time.sleep(TASK_SECONDS)  # noqa: ASYNC251
    events.append("time_sleep 끝")


def def_sleep() -> None:
    note_start("def_sleep")
    time.sleep(TASK_SECONDS)
    events.append("def_sleep 끝")


async def count() -> None:
    note_start("count")
    end = time.monotonic() + TASK_SECONDS
    while time.monotonic() < end:
        pass  # 오래 걸리는 계산을 대신합니다.
    events.append("count 끝")


TASKS = {task.__name__: task for task in (await_sleep, time_sleep, def_sleep, count)}


@app.post("/tasks/{name}")
async def start(name: str, background_tasks: BackgroundTasks) -> dict[str, str]:
    if name not in TASKS:
        raise HTTPException(404, f"태스크의 이름은 {', '.join(TASKS)} 가운데 하나입니다")
    background_tasks.add_task(TASKS[name])
    return {"message": f"등록했습니다: {name}"}


@app.get("/ping")
async def ping() -> list[str]:
    events.append("ping")
    return events
