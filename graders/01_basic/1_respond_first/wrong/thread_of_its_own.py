"""FastAPI에 맡기지 않고 스레드를 시작합니다."""

import threading
import time

from fastapi import FastAPI

app = FastAPI()


def write_notification(email: str, message: str) -> None:
    """1초 걸려 알림 한 줄을 log.txt에 덧붙입니다. 이 함수는 고치지 마세요."""
    time.sleep(1)
    with open("log.txt", "a", encoding="utf-8") as log:
        log.write(f"{email}: {message}\n")


@app.post("/send/{email}")
def send(email: str) -> dict[str, str]:
    threading.Thread(target=write_notification, args=(email, "환영합니다!")).start()
    return {"message": "알림이 전송될 예정입니다"}
