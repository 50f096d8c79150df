"""비동기 태스크로 메일을 보냅니다. 동시에 보내는 수와 걸리는 시간을 제한합니다."""

import asyncio
import os

from fastapi import BackgroundTasks, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import EmailStr

EMAIL_SECONDS = float(os.environ.get("EMAIL_SECONDS", "10"))
EMAIL_TIMEOUT = float(os.environ.get("EMAIL_TIMEOUT", "30"))
EMAIL_CONCURRENCY = int(os.environ.get("EMAIL_CONCURRENCY", "5"))

app = FastAPI()
email_slots = asyncio.Semaphore(EMAIL_CONCURRENCY)


async def send_email_async(email: str, message: str) -> None:
    """메일 한 통을 보냅니다. 자리가 날 때까지 기다렸다가 EMAIL_TIMEOUT초 안에 마칩니다."""
    try:
        async with email_slots, asyncio.timeout(EMAIL_TIMEOUT):
            await asyncio.sleep(EMAIL_SECONDS)  # 비동기 작업 시뮬레이션
    except TimeoutError:
        print(f"이메일 시간 초과: {email}, {EMAIL_TIMEOUT:g}초 안에 보내지 못했습니다")
    except asyncio.CancelledError:
        print(f"이메일 전송 취소: {email}, 서버가 종료됩니다")
        raise
    else:
        print(f"이메일 전송 완료: {email}, 메시지: {message}")


@app.post("/send-email/{email}")
async def send_email(email: EmailStr, background_tasks: BackgroundTasks) -> dict[str, str]:
    """메일 전송을 등록하고 바로 응답합니다."""
    background_tasks.add_task(send_email_async, email, "중요한 알림입니다")
    return {"message": "이메일이 백그라운드에서 전송됩니다"}


@app.exception_handler(RequestValidationError)
async def explain_invalid_email(request: Request, error: RequestValidationError) -> JSONResponse:
    """잘못된 주소에는 무엇을 고칠지 한국어로 답합니다."""
    message = "이메일 주소 형식이 아닙니다. 예: user@example.com"
    detail = [{"loc": e["loc"], "type": e["type"], "msg": message} for e in error.errors()]
    return JSONResponse({"detail": detail}, status_code=422)
