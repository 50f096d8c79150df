"""경로 없이 답만 차례로 적습니다."""

import time

from fastapi import BackgroundTasks, FastAPI, HTTPException
from fastapi.responses import JSONResponse
from starlette.background import BackgroundTask

PREDICTION = ["응답 뒤", "응답 전", "없음", "없음"]

app = FastAPI()


def write(line: str) -> None:
    time.sleep(0.2)
    with open("log.txt", "a", encoding="utf-8") as log:
        log.write(f"{line}\n")


@app.post("/passed")
def passed(background_tasks: BackgroundTasks) -> dict[str, str]:
    background_tasks.add_task(write, "/passed")
    return {"message": "기록될 예정입니다"}


@app.post("/called")
def called(background_tasks: BackgroundTasks) -> dict[str, str]:
    background_tasks.add_task(write("/called"))
    return {"message": "기록될 예정입니다"}


@app.post("/raised")
def raised(background_tasks: BackgroundTasks) -> dict[str, str]:
    background_tasks.add_task(write, "/raised")
    raise HTTPException(status_code=404, detail="등록되지 않은 주소입니다")


@app.post("/replaced")
def replaced(background_tasks: BackgroundTasks) -> JSONResponse:
    background_tasks.add_task(write, "/replaced")
    return JSONResponse(
        {"message": "기록될 예정입니다"}, background=BackgroundTask(print, "응답함")
    )
