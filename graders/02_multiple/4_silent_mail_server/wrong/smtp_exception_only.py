"""smtplib의 예외만 잡습니다. 연결하지 못한 예외는 smtplib의 것이 아닙니다."""

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
    try:
        with smtplib.SMTP(SMTP_HOST, SMTP_PORT, timeout=MAIL_SECONDS) as smtp:
            smtp.sendmail("welcome@example.com", email, b"Subject: welcome\n\nwelcome")
    except smtplib.SMTPException as error:
        logger.error("%s에게 메일을 보내지 못했습니다: %s", email, error)


def write_log(email: str) -> None:
    done.append(f"기록: {email}")


@app.post("/users/{email}")
def create_user(email: str, background_tasks: BackgroundTasks) -> dict[str, str]:
    background_tasks.add_task(send_email, email)
    background_tasks.add_task(write_log, email)
    return {"message": "사용자가 생성되었습니다"}


@app.get("/done")
def list_done() -> list[str]:
    return done
