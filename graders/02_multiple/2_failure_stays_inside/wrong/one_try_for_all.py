"""태스크 하나로 묶고 통째로 감쌉니다."""

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


def process_order(item: str) -> None:
    try:
        reserve_stock(item)
        send_receipt(item)
        write_log(item)
    except Exception:
        logger.exception("주문 처리 실패: %s", item)


@app.post("/orders/{item}")
def create_order(item: str, background_tasks: BackgroundTasks) -> dict[str, str]:
    background_tasks.add_task(process_order, item)
    return {"message": "주문을 받았습니다"}


@app.get("/done")
def list_done() -> list[str]:
    return done
