"""함정: 아무도 참조하지 않는 asyncio 태스크는 끝나기 전에 사라질 수 있습니다.

증상: 응답은 200인데 입금 기록이 없고, 로그에 "Task was destroyed but it is pending!"이 나옵니다.

web: uvicorn forgotten_create_task:app
"""

import asyncio
import gc
import logging
from weakref import WeakSet

from fastapi import FastAPI

app = FastAPI()
logger = logging.getLogger("uvicorn.error")
done: list[str] = []
running: set[asyncio.Task[None]] = set()
waiting: WeakSet[asyncio.Future[str]] = WeakSet()  # 많은 이벤트 라이브러리처럼 약한 참조입니다.


async def record_deposit(name: str) -> None:
    deposit: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    waiting.add(deposit)
    done.append(f"{name}: {int(await deposit)}원")


@app.post("/broken")
async def broken() -> dict[str, str]:
    asyncio.create_task(record_deposit("broken"))  # noqa: RUF006
    return {"message": "입금을 기다립니다"}


def forget_and_report(task: asyncio.Task[None]) -> None:
    """끝난 태스크를 놓아주고, 아무도 받지 않을 예외를 로그에 남깁니다."""
    running.discard(task)
    if not task.cancelled() and (error := task.exception()):
        logger.error("태스크 실패: %s", task.get_name(), exc_info=error)


@app.post("/fixed")
async def fixed() -> dict[str, str]:
    task = asyncio.create_task(record_deposit("fixed"))
    running.add(task)
    task.add_done_callback(forget_and_report)
    return {"message": "입금을 기다립니다"}


@app.post("/deposit")
async def receive_deposit(amount: str) -> dict[str, int]:
    gc.collect()  # 파이썬이 아무 때나 하는 일을, 눈에 보이도록 지금 시킵니다.
    told = [deposit for deposit in waiting if not deposit.done()]
    for deposit in told:
        deposit.set_result(amount)
    return {"told": len(told)}


@app.get("/done")
def list_done() -> list[str]:
    return done
