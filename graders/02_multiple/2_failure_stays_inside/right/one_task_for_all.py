"""태스크 하나에서 셋을 따로 감쌉니다."""

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
    def all_tasks() -> None:
        for t in (reserve_stock, send_receipt, write_log):
            try:
                t(item)
            except Exception as e:
                logger.error("%s 실패: %s", t.__name__, e)

    background_tasks.add_task(all_tasks)
    return {"message": "주문을 받았습니다"}


@app.get("/done")
def list_done() -> list[str]:
    return done
