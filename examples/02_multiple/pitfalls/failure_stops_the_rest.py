"""함정: 앞선 태스크가 실패하면 뒤의 태스크는 실행되지 않습니다.

증상: 응답은 200인데 뒤의 태스크가 남겨야 할 기록이 없습니다.

web: uvicorn failure_stops_the_rest:app
"""

import logging
from collections.abc import Callable

from fastapi import BackgroundTasks, FastAPI

app = FastAPI()
logger = logging.getLogger("uvicorn.error")
done: list[str] = []


def charge_card() -> None:
    raise ConnectionError("결제 서버가 응답하지 않습니다")


def write_log(message: str) -> None:
    done.append(message)


@app.post("/broken")
def broken(background_tasks: BackgroundTasks) -> dict[str, str]:
    background_tasks.add_task(charge_card)
    background_tasks.add_task(write_log, "broken: 기록")
    return {"message": "주문을 받았습니다"}


def run_and_report(task: Callable[..., None], *args: object) -> None:
    """태스크 하나의 실패를 그 태스크 안에서 끝냅니다."""
    try:
        task(*args)
    except Exception:
        logger.exception("백그라운드 태스크 실패: %s", task.__name__)


@app.post("/fixed")
def fixed(background_tasks: BackgroundTasks) -> dict[str, str]:
    background_tasks.add_task(run_and_report, charge_card)
    background_tasks.add_task(run_and_report, write_log, "fixed: 기록")
    return {"message": "주문을 받았습니다"}


@app.get("/done")
def list_done() -> list[str]:
    return done
