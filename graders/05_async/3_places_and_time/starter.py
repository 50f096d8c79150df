"""연습 05-3: 한꺼번에 보내는 수와 한 통의 시간에 한도를 두세요.

deliver는 메일 한 통을 보냅니다. 이름에 slow가 든 주소의 서버는 영영 답하지 않습니다.

목표:

- 요청이 몰려도 deliver는 한 번에 MAIL_PLACES개만, 그러나 그만큼은 함께 실행됩니다.
- deliver가 MAIL_SECONDS초 안에 끝나지 않으면 포기하고, 그 주소를 서버의 로그에 남깁니다.
- 자리를 기다린 시간은 세지 않습니다. 앞의 메일이 느려도 뒤의 메일은 나갑니다.
- 포기한 메일의 요청도 write_log까지 실행됩니다.

실행하기: uv run fastapi dev --port 8001 exercises/05_async/3_places_and_time.py
확인하기: uv run lab check 05-3
"""

import asyncio
import os
import time

from fastapi import BackgroundTasks, FastAPI

MAIL_PLACES = 3
MAIL_SECONDS = float(os.environ.get("MAIL_SECONDS", "5"))

app = FastAPI()
running: set[str] = set()
counts: list[int] = []
spent: dict[str, float] = {}
log: list[str] = []


async def deliver(email: str) -> None:
    """메일 한 통을 보내고, 함께 실행된 수와 걸린 시간을 적습니다. 이 함수는 고치지 마세요."""
    start = time.monotonic()
    running.add(email)
    counts.append(len(running))
    try:
        await asyncio.sleep(3600 if "slow" in email else 0.01)
    finally:
        running.discard(email)
        spent[email] = time.monotonic() - start


async def send_email(email: str) -> None:
    # TODO: 자리를 얻고, 시간을 재고, 시간 초과를 여기에서 끝내세요.
    await deliver(email)


async def write_log(email: str) -> None:
    log.append(email)


@app.post("/emails/{email}")
async def create_email(email: str, background_tasks: BackgroundTasks) -> dict[str, str]:
    background_tasks.add_task(send_email, email)
    background_tasks.add_task(write_log, email)
    return {"message": "이메일이 백그라운드에서 전송됩니다"}


@app.get("/state")
async def read_state() -> dict[str, object]:
    return {"most": max(counts, default=0), "spent": spent, "log": log}
