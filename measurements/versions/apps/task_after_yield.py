"""의존성이 `yield` 뒤에 등록한 태스크도 실행되는가."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import BackgroundTasks, Depends, FastAPI
from recorder import note

app = FastAPI()


def get_session(tasks: BackgroundTasks) -> Iterator[str]:
    yield "세션"
    note("등록")
    tasks.add_task(note, "태스크")


@app.post("/")
def endpoint(session: Annotated[str, Depends(get_session)]) -> str:
    return session
