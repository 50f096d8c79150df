"""함정: 받은 값을 그대로 적으면 요청 하나가 로그에 가짜 줄을 끼워 넣습니다.

증상: 요청은 하나인데 log.txt에 두 줄이 생깁니다. 둘째 줄은 앱이 만든 적 없는 기록입니다.

web: uvicorn forged_log_line:app
"""

import threading
from pathlib import Path

from fastapi import BackgroundTasks, FastAPI
from pydantic import EmailStr

app = FastAPI()
log_file = Path("log.txt")
log_lock = threading.Lock()


def append_line(line: str) -> None:
    """현재 디렉터리의 log.txt에 한 줄을 덧붙입니다."""
    with log_lock, log_file.open("a", encoding="utf-8") as log:
        log.write(f"{line}\n")


@app.post("/broken/{email}")
def broken(
    email: str, background_tasks: BackgroundTasks, message: str = "환영합니다!"
) -> dict[str, str]:
    background_tasks.add_task(append_line, f"{email}: {message}")
    return {"message": "알림이 전송될 예정입니다"}


@app.post("/fixed/{email}")
def fixed(
    email: EmailStr, background_tasks: BackgroundTasks, message: str = "환영합니다!"
) -> dict[str, str]:
    # 자유로운 글은 형식으로 막을 수 없으므로 !r로 줄바꿈을 두 글자 \n으로 바꾸어 적습니다.
    background_tasks.add_task(append_line, f"{email}: {message!r}")
    return {"message": "알림이 전송될 예정입니다"}


@app.get("/log")
def read_log() -> list[str]:
    """log.txt를 줄 단위로 보여 줍니다."""
    return log_file.read_text(encoding="utf-8").splitlines() if log_file.exists() else []
