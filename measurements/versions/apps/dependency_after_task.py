"""기본 의존성의 뒷부분은 언제 실행되는가."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import BackgroundTasks, Depends, FastAPI
from recorder import note

app = FastAPI()


def get_session() -> Iterator[str]:
    note("열기")
    yield "세션"
    note("닫기")


@app.post("/")
def endpoint(session: Annotated[str, Depends(get_session)], tasks: BackgroundTasks) -> str:
    tasks.add_task(note, "태스크")
    return session
