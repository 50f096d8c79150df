"""함정: 응답에 background를 직접 달면 주입받아 등록한 태스크가 사라집니다.

증상: 태스크를 둘 등록했고 응답은 200인데, 응답에 단 것만 실행됩니다. 오류도 경고도 없습니다.

web: uvicorn own_response_replaces_tasks:app
"""

from fastapi import BackgroundTasks, FastAPI
from fastapi.responses import JSONResponse
from starlette.background import BackgroundTask

app = FastAPI()
done: list[str] = []


def write_notification(email: str, message: str) -> None:
    done.append(f"{email}: {message}")


def write_log(message: str) -> None:
    done.append(message)


@app.post("/broken")
def broken(background_tasks: BackgroundTasks) -> JSONResponse:
    background_tasks.add_task(write_notification, "broken@example.com", "환영합니다!")
    return JSONResponse(
        {"message": "알림이 전송될 예정입니다"},
        background=BackgroundTask(write_log, "broken: 요청 기록"),
    )


@app.post("/fixed")
def fixed(background_tasks: BackgroundTasks) -> JSONResponse:
    # 등록하는 방법을 하나로 정합니다. 주입받은 태스크는 FastAPI가 이 응답에 달아 줍니다.
    background_tasks.add_task(write_notification, "fixed@example.com", "환영합니다!")
    background_tasks.add_task(write_log, "fixed: 요청 기록")
    return JSONResponse({"message": "알림이 전송될 예정입니다"})


@app.get("/done")
def list_done() -> list[str]:
    return done
