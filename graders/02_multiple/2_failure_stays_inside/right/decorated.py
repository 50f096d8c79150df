"""데코레이터로 감쌉니다."""

import logging

from fastapi import BackgroundTasks, FastAPI

app = FastAPI()
logger = logging.getLogger("uvicorn.error")
done: list[str] = []


def safe(f):
    import functools

    @functools.wraps(f)
    def inner(*a):
        try:
            return f(*a)
        except Exception:
            logger.exception("실패 %s", f.__name__)

    return inner


@safe
def reserve_stock(item: str) -> None:
    if item == "품절":
        raise RuntimeError("창고에 물건이 없습니다")
    done.append(f"재고: {item}")


@safe
def send_receipt(item: str) -> None:
    if item == "주소없음":
        raise ConnectionError("메일 서버가 주소를 거절했습니다")
    done.append(f"영수증: {item}")


def write_log(item: str) -> None:
    done.append(f"기록: {item}")


@app.post("/orders/{item}")
def create_order(item: str, background_tasks: BackgroundTasks) -> dict[str, str]:
    background_tasks.add_task(reserve_stock, item)
    background_tasks.add_task(send_receipt, item)
    background_tasks.add_task(write_log, item)
    return {"message": "주문을 받았습니다"}


@app.get("/done")
def list_done() -> list[str]:
    return done
