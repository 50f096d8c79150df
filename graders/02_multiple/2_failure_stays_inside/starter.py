"""연습 02-2: 태스크 하나가 실패해도 나머지는 실행되게 고치세요.

지금은 앞의 태스크가 예외를 내면 뒤의 태스크가 시작하지 못합니다.

목표:

- "품절"을 주문하면 reserve_stock만 실패하고, 나머지 둘은 실행됩니다.
- "주소없음"을 주문하면 send_receipt만 실패하고, 나머지 둘은 실행됩니다.
- 서버의 로그에 실패한 태스크 함수의 이름과 까닭(예외의 글)이 남습니다.
- 응답은 그대로 200이고, 태스크는 응답이 나간 뒤에 실행됩니다.

실행하기: uv run fastapi dev --port 8001 exercises/02_multiple/2_failure_stays_inside.py
확인하기: uv run lab check 02-2
"""

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


# TODO: 실패를 그 태스크 안에서 끝내고, 무엇이 왜 실패했는지 로그에 남기세요.


@app.post("/orders/{item}")
def create_order(item: str, background_tasks: BackgroundTasks) -> dict[str, str]:
    background_tasks.add_task(reserve_stock, item)
    background_tasks.add_task(send_receipt, item)
    background_tasks.add_task(write_log, item)
    return {"message": "주문을 받았습니다"}


@app.get("/done")
def list_done() -> list[str]:
    return done
