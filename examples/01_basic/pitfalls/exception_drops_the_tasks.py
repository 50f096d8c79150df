"""함정: 경로 처리 함수가 예외를 던지면 등록해 둔 태스크가 실행되지 않습니다.

증상: 없는 사용자를 요청하면 404를 받지만, 남아야 할 감사 기록이 log.txt에 없습니다.

web: uvicorn exception_drops_the_tasks:app
"""

import threading
from pathlib import Path

from fastapi import BackgroundTasks, FastAPI, HTTPException
from fastapi.responses import JSONResponse
from pydantic import EmailStr

app = FastAPI()
users = {"user@example.com"}
log_file = Path("log.txt")
log_lock = threading.Lock()


def write_notification(email: str, message: str) -> None:
    """현재 디렉터리의 log.txt에 알림 한 줄을 덧붙입니다."""
    with log_lock, log_file.open("a", encoding="utf-8") as log:
        log.write(f"{email}: {message}\n")


@app.post("/broken/{email}")
def broken(email: EmailStr, background_tasks: BackgroundTasks) -> dict[str, str]:
    background_tasks.add_task(write_notification, email, "broken: 비밀번호 재설정 요청")
    if email not in users:
        raise HTTPException(status_code=404, detail="등록되지 않은 주소입니다")
    return {"message": "알림이 전송될 예정입니다"}


@app.post("/fixed/{email}")
def fixed(email: EmailStr, background_tasks: BackgroundTasks) -> JSONResponse:
    background_tasks.add_task(write_notification, email, "fixed: 비밀번호 재설정 요청")
    if email not in users:
        # 태스크는 반환한 응답에 실려 갑니다. 예외를 던지면 실을 응답이 없습니다.
        return JSONResponse({"detail": "등록되지 않은 주소입니다"}, status_code=404)
    return JSONResponse({"message": "알림이 전송될 예정입니다"})


@app.get("/log")
def read_log() -> list[str]:
    """log.txt를 줄 단위로 보여 줍니다."""
    return log_file.read_text(encoding="utf-8").splitlines() if log_file.exists() else []
