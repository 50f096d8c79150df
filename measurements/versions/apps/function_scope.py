"""`scope="function"`인 의존성의 뒷부분은 언제 실행되는가."""

import inspect
from collections.abc import Iterator
from typing import Annotated

from fastapi import BackgroundTasks, Depends, FastAPI
from recorder import note

app = FastAPI()
SUPPORTED = "scope" in inspect.signature(Depends).parameters


def get_session() -> Iterator[str]:
    note("열기")
    yield "세션"
    note("닫기")


if SUPPORTED:

    @app.post("/")
    def endpoint(
        session: Annotated[str, Depends(get_session, scope="function")], tasks: BackgroundTasks
    ) -> str:
        tasks.add_task(note, "태스크")
        return session
