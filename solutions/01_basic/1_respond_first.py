"""연습 01-1: 알림을 기다리지 않고 먼저 응답하세요.

지금은 알림을 다 보낸 다음에야 응답합니다. BackgroundTasks를 써서,
응답은 바로 나가고 알림은 그 뒤에 log.txt에 한 번 남게 하세요.
응답의 내용은 그대로입니다.

확인하기: uv run lab check 01-1
"""

import time

from fastapi import BackgroundTasks, FastAPI

app = FastAPI()


def write_notification(email: str, message: str) -> None:
    """1초 걸려 알림 한 줄을 log.txt에 덧붙입니다. 이 함수는 고치지 마세요."""
    time.sleep(1)
    with open("log.txt", "a", encoding="utf-8") as log:
        log.write(f"{email}: {message}\n")


@app.post("/send/{email}")
def send(email: str, background_tasks: BackgroundTasks) -> dict[str, str]:
    background_tasks.add_task(write_notification, email, "환영합니다!")
    return {"message": "알림이 전송될 예정입니다"}
