"""예약하기 전에 예약했다고 적습니다."""

import logging
from collections.abc import Callable

from fastapi import BackgroundTasks, FastAPI

app = FastAPI()
logger = logging.getLogger("uvicorn.error")
done: list[str] = []


def reserve_stock(item: str) -> None:
    done.append(f"재고: {item}")
    if item == "품절":
        raise RuntimeError("창고에 물건이 없습니다")


def send_receipt(item: str) -> None:
    if item == "주소없음":
        raise ConnectionError("메일 서버가 주소를 거절했습니다")
    done.append(f"영수증: {item}")


def write_log(item: str) -> None:
    done.append(f"기록: {item}")


def run_and_report(task: Callable[[str], None], item: str) -> None:
    """태스크 하나의 실패를 그 태스크 안에서 끝내고 로그에 남깁니다."""
    try:
        task(item)
    except Exception:
        logger.exception("백그라운드 태스크 실패: %s", task.__name__)


@app.post("/orders/{item}")
def create_order(item: str, background_tasks: BackgroundTasks) -> dict[str, str]:
    background_tasks.add_task(run_and_report, reserve_stock, item)
    background_tasks.add_task(run_and_report, send_receipt, item)
    background_tasks.add_task(run_and_report, write_log, item)
    return {"message": "주문을 받았습니다"}


@app.get("/done")
def list_done() -> list[str]:
    return done
