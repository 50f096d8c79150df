"""scope="function"이면 응답이 나간 바로 뒤에 닫힌다고 예측합니다."""

from collections.abc import Iterator

from fastapi import BackgroundTasks, Depends, FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PREDICTED_DEFAULT: list[str] = ["열기", "응답", "태스크", "닫기"]
PREDICTED_FUNCTION: list[str] = ["열기", "응답", "닫기", "태스크"]

app = FastAPI()
events: list[str] = []


def get_session() -> Iterator[str]:
    events.append("열기")
    yield "세션"
    events.append("닫기")


def write_log() -> None:
    events.append("태스크")


@app.post("/default", dependencies=[Depends(get_session)])
def use_default(background_tasks: BackgroundTasks) -> None:
    background_tasks.add_task(write_log)


@app.post("/function", dependencies=[Depends(get_session, scope="function")])
def use_function(background_tasks: BackgroundTasks) -> None:
    background_tasks.add_task(write_log)


@app.get("/events")
def list_events() -> list[str]:
    return events


class NoteResponse:
    """POST의 응답이 나간 순간을 적습니다. 예측하는 데에는 읽지 않아도 됩니다."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_and_note(message: Message) -> None:
            await send(message)
            if message["type"] == "http.response.body" and scope["method"] == "POST":
                events.append("응답")

        await self.app(scope, receive, send_and_note)


app.add_middleware(NoteResponse)
