"""태스크 하나가 예외를 내면, 다음 태스크는 실행되는가."""

from fastapi import BackgroundTasks, FastAPI
from recorder import note

app = FastAPI()


def fail() -> None:
    note("실패")
    raise RuntimeError("태스크의 실패")


@app.post("/")
def endpoint(tasks: BackgroundTasks) -> None:
    tasks.add_task(fail)
    tasks.add_task(note, "다음 태스크")
