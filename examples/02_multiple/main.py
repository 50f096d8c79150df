"""한 요청에 백그라운드 태스크를 여러 개 등록합니다."""

import logging
import os
import smtplib
import threading
from email.message import EmailMessage

from fastapi import BackgroundTasks, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import EmailStr

SMTP_HOST = os.environ.get("SMTP_HOST", "127.0.0.1")
SMTP_PORT = int(os.environ.get("SMTP_PORT", "1025"))

app = FastAPI()
logger = logging.getLogger("uvicorn.error")
log_lock = threading.Lock()


def write_log(message: str) -> None:
    """현재 디렉터리의 log.txt에 한 줄을 덧붙입니다."""
    with log_lock, open("log.txt", "a", encoding="utf-8") as log:
        log.write(f"{message}\n")


def send_email(email: str, message: str) -> None:
    """SMTP 서버로 메일 한 통을 보냅니다. 실패는 로그 한 줄로 남깁니다."""
    mail = EmailMessage()
    mail["From"] = "welcome@example.com"
    mail["To"] = email
    mail["Subject"] = message
    mail.set_content(message)
    try:
        with smtplib.SMTP(SMTP_HOST, SMTP_PORT, timeout=5) as smtp:
            smtp.send_message(mail)
    except OSError as error:
        logger.error("메일을 보내지 못했습니다 (%s:%d): %s", SMTP_HOST, SMTP_PORT, error)


@app.post("/users/")
async def create_user(email: EmailStr, background_tasks: BackgroundTasks) -> dict[str, str]:
    """사용자를 만들고, 기록과 환영 메일을 차례로 등록합니다."""
    background_tasks.add_task(write_log, f"사용자 생성: {email}")
    background_tasks.add_task(send_email, email, "가입을 환영합니다!")
    return {"message": "사용자가 생성되었습니다"}


@app.exception_handler(RequestValidationError)
async def explain_invalid_email(request: Request, error: RequestValidationError) -> JSONResponse:
    """잘못된 주소에는 무엇을 고칠지 한국어로 답합니다."""
    message = "email 쿼리 매개변수에 이메일 주소를 적으세요. 예: ?email=user@example.com"
    detail = [{"loc": e["loc"], "type": e["type"], "msg": message} for e in error.errors()]
    return JSONResponse({"detail": detail}, status_code=422)
