"""함정: def 태스크 40개가 스레드풀을 다 쓰면 def 경로 처리 함수도 기다립니다.

증상: /broken을 40번 부른 뒤에는 GET /hello가 태스크가 끝날 때까지 답하지 않습니다.

web: uvicorn thread_pool_used_up:app
"""

import os
import time

from anyio import CapacityLimiter, to_thread
from fastapi import BackgroundTasks, FastAPI

TASK_SECONDS = float(os.environ.get("TASK_SECONDS", "5"))

app = FastAPI()
email_limiter = CapacityLimiter(5)


def send_email() -> None:
    time.sleep(TASK_SECONDS)


# 한 번에 40번 부르려면 주소에 [1-40]을 쓰세요: curl -X POST "http://127.0.0.1:8000/broken?n=[1-40]"
@app.post("/broken")
async def broken(background_tasks: BackgroundTasks) -> dict[str, str]:
    background_tasks.add_task(send_email)
    return {"message": "메일을 보냅니다"}


async def send_email_in_own_threads() -> None:
    """메일은 따로 정한 5개의 스레드만 씁니다. 모두 바쁘면 스레드를 쓰지 않고 기다립니다."""
    await to_thread.run_sync(send_email, limiter=email_limiter)


@app.post("/fixed")
async def fixed(background_tasks: BackgroundTasks) -> dict[str, str]:
    background_tasks.add_task(send_email_in_own_threads)
    return {"message": "메일을 보냅니다"}


@app.get("/hello")
def hello() -> dict[str, str]:
    """def로 선언했으므로 스레드풀의 스레드에서 실행됩니다."""
    return {"message": "안녕하세요"}


@app.get("/threads")
async def read_threads() -> dict[str, str]:
    """async def로 선언했으므로 스레드풀이 가득 차도 답합니다."""
    shared = to_thread.current_default_thread_limiter()
    return {
        "shared": f"{shared.borrowed_tokens:g}/{shared.total_tokens:g}",
        "email": f"{email_limiter.borrowed_tokens:g}/{email_limiter.total_tokens:g}",
    }
