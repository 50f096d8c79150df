"""목록을 주입받지 않고 직접 만듭니다."""

import time

from fastapi import BackgroundTasks, FastAPI

app = FastAPI()


def write_notification(email: str, message: str) -> None:
    """1초 걸려 알림 한 줄을 log.txt에 덧붙입니다. 이 함수는 고치지 마세요."""
    time.sleep(1)
    with open("log.txt", "a", encoding="utf-8") as log:
        log.write(f"{email}: {message}\n")


@app.post("/send/{email}")
def send(email: str) -> dict[str, str]:
    background_tasks = BackgroundTasks()
    background_tasks.add_task(write_notification, email, "환영합니다!")
    return {"message": "알림이 전송될 예정입니다"}
