"""경로 처리 함수가 HTTPException을 내면, 먼저 등록한 태스크는 실행되는가."""

from fastapi import BackgroundTasks, FastAPI, HTTPException
from recorder import note

app = FastAPI()


@app.post("/")
def endpoint(tasks: BackgroundTasks) -> None:
    tasks.add_task(note, "태스크")
    note("등록")
    raise HTTPException(404)
