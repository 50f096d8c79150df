"""연습 03-1: 세션이 닫히는 때를 scope마다 맞히세요.

POST /default와 POST /function은 Depends의 scope만 다릅니다.
요청 하나에서 일어나는 일은 "열기", "닫기", "응답", "태스크"의 넷입니다.

목표:

- PREDICTED_DEFAULT에 POST /default에서 넷이 일어나는 차례를 적습니다.
- PREDICTED_FUNCTION에 POST /function에서 넷이 일어나는 차례를 적습니다.
- 그 아래의 코드는 고치지 않습니다.

확인하기: uv run lab check 03-1
"""

from collections.abc import Iterator

from fastapi import BackgroundTasks, Depends, FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# 기본값에서는 요청이 끝나야, 곧 태스크까지 끝나야 닫힙니다.
PREDICTED_DEFAULT: list[str] = ["열기", "응답", "태스크", "닫기"]
# function에서는 경로 처리 함수가 돌아오면, 곧 응답이 나가기 전에 닫힙니다.
PREDICTED_FUNCTION: list[str] = ["열기", "닫기", "응답", "태스크"]

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
