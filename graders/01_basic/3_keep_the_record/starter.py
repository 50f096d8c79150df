"""연습 01-3: 404로 답해도 기록이 남게 고치세요.

비밀번호 재설정 요청은 등록되지 않은 주소여도 log.txt에 남아야 합니다. 지금은 404로 답한
요청의 기록이 없습니다. 상태 코드와 본문은 그대로 두고, 응답이 기록을 기다리지도 않게 하세요.

확인하기: uv run lab check 01-3
"""

import time

from fastapi import BackgroundTasks, FastAPI, HTTPException
from fastapi.responses import JSONResponse

app = FastAPI()
users = {"user@example.com"}


def record(line: str) -> None:
    """0.5초 걸려 한 줄을 log.txt에 덧붙입니다. 이 함수는 고치지 마세요."""
    time.sleep(0.5)
    with open("log.txt", "a", encoding="utf-8") as log:
        log.write(f"{line}\n")


@app.post("/reset/{email}")
def reset(email: str, background_tasks: BackgroundTasks) -> JSONResponse:
    background_tasks.add_task(record, f"요청: {email}")
    if email not in users:
        # TODO: 예외를 던지면 등록한 기록이 사라집니다.
        raise HTTPException(status_code=404, detail="등록되지 않은 주소입니다")
    background_tasks.add_task(record, f"메일: {email}")
    return JSONResponse({"message": "메일이 전송될 예정입니다"})
