"""연습 02-4: 메일 서버가 꺼져 있거나 답하지 않아도 기록을 남기세요.

지금은 메일 서버가 꺼져 있으면 태스크가 예외로 끝나고, 연결만 받고 답하지 않으면 끝나지 않습니다.

목표:

- 메일 서버가 꺼져 있어도, MAIL_SECONDS초 동안 답하지 않아도 "기록: 주소"가 남습니다.
- 그때마다 받는 사람의 주소가 든 실패 한 줄이 서버의 로그에 남습니다.
- 메일 서버가 멀쩡하면 메일이 갑니다.

실행하기: uv run fastapi dev --port 8001 exercises/02_multiple/4_silent_mail_server.py
확인하기: uv run lab check 02-4
"""

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
    # TODO: 기다림에 한도를 두고, 실패를 여기에서 끝내세요.
    with smtplib.SMTP(SMTP_HOST, SMTP_PORT) as smtp:
        smtp.sendmail("welcome@example.com", email, b"Subject: welcome\n\nwelcome")


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
