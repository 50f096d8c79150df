"""기록을 먼저 등록하기만 합니다."""

import logging
import os
import smtplib

from fastapi import BackgroundTasks, FastAPI

SMTP_HOST = os.environ.get("SMTP_HOST", "127.0.0.1")
SMTP_PORT = int(os.environ.get("SMTP_PORT", "1025"))
MAIL_SECONDS = 0.5  # 메일 서버의 답을 기다리는 한도입니다.

app = FastAPI()
logger = logging.getLogger("uvicorn.error")
done: list[str] = []


def send_email(email: str) -> None:

    with smtplib.SMTP(SMTP_HOST, SMTP_PORT) as smtp:
        smtp.sendmail("welcome@example.com", email, b"Subject: welcome\n\nwelcome")


def write_log(email: str) -> None:
    done.append(f"기록: {email}")


@app.post("/users/{email}")
def create_user(email: str, background_tasks: BackgroundTasks) -> dict[str, str]:
    background_tasks.add_task(write_log, email)
    background_tasks.add_task(send_email, email)
    return {"message": "사용자가 생성되었습니다"}


@app.get("/done")
def list_done() -> list[str]:
    return done
