"""함정: def 의존성에서 넣은 ContextVar의 값은 태스크에서 보이지 않습니다.

증상: 태스크의 기록에 요청 번호 대신 기본값이 남습니다.

web: uvicorn context_variable_lost:app
"""

from contextvars import ContextVar
from typing import Annotated

from fastapi import BackgroundTasks, Depends, FastAPI, Header

app = FastAPI()
request_id: ContextVar[str] = ContextVar("request_id", default="번호 없음")
done: list[str] = []


def set_request_id(x_request_id: Annotated[str, Header()]) -> None:
    # def 의존성은 스레드풀에서 실행되므로, 값은 컨텍스트의 복사본에만 남습니다.
    request_id.set(x_request_id)


async def set_request_id_async(x_request_id: Annotated[str, Header()]) -> None:
    request_id.set(x_request_id)


def write_log(message: str) -> None:
    done.append(f"[{request_id.get()}] {message}")


@app.post("/broken", dependencies=[Depends(set_request_id)])
def broken(background_tasks: BackgroundTasks) -> dict[str, str]:
    background_tasks.add_task(write_log, "broken")
    return {"message": "접수했습니다"}


@app.post("/async-dependency", dependencies=[Depends(set_request_id_async)])
def async_dependency(background_tasks: BackgroundTasks) -> dict[str, str]:
    background_tasks.add_task(write_log, "async-dependency")
    return {"message": "접수했습니다"}


def write_log_of_request(x_request_id: str, message: str) -> None:
    done.append(f"[{x_request_id}] {message}")


@app.post("/fixed")
def fixed(
    x_request_id: Annotated[str, Header()], background_tasks: BackgroundTasks
) -> dict[str, str]:
    background_tasks.add_task(write_log_of_request, x_request_id, "fixed")
    return {"message": "접수했습니다"}


@app.get("/done")
def list_done() -> list[str]:
    return done
