"""BaseHTTPMiddleware가 있을 때, 태스크는 응답이 끝난 뒤에 시작하는가."""

import asyncio
from collections.abc import Awaitable, Callable

from fastapi import BackgroundTasks, FastAPI, Request, Response
from recorder import note

app = FastAPI()


@app.middleware("http")
async def pass_through(
    request: Request, call_next: Callable[[Request], Awaitable[Response]]
) -> Response:
    return await call_next(request)


async def work() -> None:
    note("태스크 시작")
    for _ in range(100):
        await asyncio.sleep(0)
    note("태스크 끝")


@app.post("/")
async def endpoint(tasks: BackgroundTasks) -> None:
    tasks.add_task(work)
