"""연습 01-2: 어느 경로의 줄이 언제 남을지 예측하세요.

실행하지 말고 먼저 읽으세요. 요청을 하나씩 보냈을 때 log.txt의 줄이 언제 생기는지
PREDICTION에 적습니다. 답은 "응답 전", "응답 뒤", "없음" 가운데 하나입니다.
확인할 때 채점기가 실제 서버에 요청을 보내, 일어난 일과 견줍니다.

확인하기: uv run lab check 01-2
"""

import time

from fastapi import BackgroundTasks, FastAPI, HTTPException
from fastapi.responses import JSONResponse
from starlette.background import BackgroundTask

# TODO: 예측을 채우세요. 예: "/passed": "응답 전"
PREDICTION = {
    "/passed": "",
    "/called": "",
    "/raised": "",
    "/replaced": "",
}

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
