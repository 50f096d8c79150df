"""함정: add_task에 함수를 넘기지 않고 호출하면 응답보다 먼저 실행됩니다.

증상: 응답이 알림에 걸리는 시간만큼 늦고, 응답이 나간 뒤 서버 로그에 TypeError가 남습니다.

web: uvicorn called_instead_of_passed:app
"""

import os
import time

from fastapi import BackgroundTasks, FastAPI

TASK_SECONDS = float(os.environ.get("TASK_SECONDS", "2"))

app = FastAPI()
done: list[str] = []


def write_notification(email: str, message: str) -> None:
    time.sleep(TASK_SECONDS)
    done.append(f"{email}: {message}")


@app.post("/broken")
def broken(background_tasks: BackgroundTasks) -> dict[str, str]:
    # mypy는 이 실수를 잡아냅니다. 여기에서는 보여 주려고 그대로 둡니다.
    background_tasks.add_task(write_notification("broken@example.com", "환영합니다!"))  # type: ignore[func-returns-value, arg-type]
    return {"message": "알림이 전송될 예정입니다"}


@app.post("/fixed")
def fixed(background_tasks: BackgroundTasks) -> dict[str, str]:
    background_tasks.add_task(write_notification, "fixed@example.com", "환영합니다!")
    return {"message": "알림이 전송될 예정입니다"}


@app.get("/done")
def list_done() -> list[str]:
    return done
