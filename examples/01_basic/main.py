"""응답을 먼저 보내고, 그다음에 알림을 기록합니다."""

import threading

from fastapi import BackgroundTasks, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import EmailStr

app = FastAPI()
log_lock = threading.Lock()


def write_notification(email: str, message: str) -> None:
    """현재 디렉터리의 log.txt에 알림 한 줄을 덧붙입니다."""
    # 동기 태스크는 스레드풀에서 실행되므로 여러 개가 같은 파일을 함께 열 수 있습니다.
    with log_lock, open("log.txt", "a", encoding="utf-8") as log:
        log.write(f"{email}: {message}\n")


@app.post("/send-notification/{email}")
async def send_notification(email: EmailStr, background_tasks: BackgroundTasks) -> dict[str, str]:
    """알림을 등록하고 바로 응답합니다."""
    background_tasks.add_task(write_notification, email, "환영합니다!")
    return {"message": "알림이 전송될 예정입니다"}


@app.exception_handler(RequestValidationError)
async def explain_invalid_email(request: Request, error: RequestValidationError) -> JSONResponse:
    """잘못된 주소에는 무엇을 고칠지 한국어로 답합니다."""
    message = "이메일 주소 형식이 아닙니다. 예: user@example.com"
    detail = [{"loc": e["loc"], "type": e["type"], "msg": message} for e in error.errors()]
    return JSONResponse({"detail": detail}, status_code=422)
