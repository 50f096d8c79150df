"""상태 코드가 404인 응답을 반환하면, 등록한 태스크는 실행되는가."""

from fastapi import BackgroundTasks, FastAPI
from fastapi.responses import JSONResponse
from recorder import note

app = FastAPI()


@app.post("/")
def endpoint(tasks: BackgroundTasks) -> JSONResponse:
    tasks.add_task(note, "태스크")
    note("등록")
    return JSONResponse({"detail": "없습니다"}, status_code=404)
