"""태스크가 업로드한 파일을 읽을 수 있는가."""

from fastapi import BackgroundTasks, FastAPI, UploadFile
from recorder import note

app = FastAPI()


async def read(file: UploadFile) -> None:
    note("닫힌 파일" if file.file.closed else "파일 읽기")


@app.post("/upload")
async def endpoint(file: UploadFile, tasks: BackgroundTasks) -> None:
    tasks.add_task(read, file)
