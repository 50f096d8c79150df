"""본문을 나누어 보내는 동안 의존성이 열려 있는가."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, FastAPI
from fastapi.responses import StreamingResponse
from recorder import note

app = FastAPI()


def get_session() -> Iterator[str]:
    note("열기")
    yield "세션"
    note("닫기")


def read_rows() -> Iterator[bytes]:
    note("읽기")
    yield b"row"


@app.post("/")
def endpoint(session: Annotated[str, Depends(get_session)]) -> StreamingResponse:
    return StreamingResponse(read_rows())
