"""등록하는 줄을 감쌉니다. 예외는 등록할 때가 아니라 실행할 때 납니다."""

import logging

from fastapi import BackgroundTasks, FastAPI

app = FastAPI()
logger = logging.getLogger("uvicorn.error")
done: list[str] = []


def reserve_stock(item: str) -> None:
    if item == "품절":
        raise RuntimeError("창고에 물건이 없습니다")
    done.append(f"재고: {item}")


def send_receipt(item: str) -> None:
    if item == "주소없음":
        raise ConnectionError("메일 서버가 주소를 거절했습니다")
    done.append(f"영수증: {item}")


def write_log(item: str) -> None:
    done.append(f"기록: {item}")


@app.post("/orders/{item}")
def create_order(item: str, background_tasks: BackgroundTasks) -> dict[str, str]:
    try:
        background_tasks.add_task(reserve_stock, item)
        background_tasks.add_task(send_receipt, item)
        background_tasks.add_task(write_log, item)
    except Exception:
        logger.exception("백그라운드 태스크 실패")
    return {"message": "주문을 받았습니다"}


@app.get("/done")
def list_done() -> list[str]:
    return done
