"""함정: 요청 본문은 응답이 나간 뒤에는 읽을 수 없습니다.

증상: 응답은 200인데 기록이 없고, 로그에 ClientDisconnect가 나옵니다. TestClient에서는 성공합니다.

web: uvicorn body_read_first_in_task:app
"""

from fastapi import BackgroundTasks, FastAPI, Request
from pydantic import BaseModel

app = FastAPI()
done: list[str] = []


class Order(BaseModel):
    item: str


async def read_and_save_order(request: Request) -> None:
    order = Order.model_validate_json(await request.body())
    done.append(f"broken: {order.item}")


@app.post("/broken")
async def broken(request: Request, background_tasks: BackgroundTasks) -> dict[str, str]:
    background_tasks.add_task(read_and_save_order, request)
    return {"message": "주문을 받았습니다"}


def save_order(order: Order) -> None:
    done.append(f"fixed: {order.item}")


@app.post("/fixed")
async def fixed(order: Order, background_tasks: BackgroundTasks) -> dict[str, str]:
    background_tasks.add_task(save_order, order)
    return {"message": "주문을 받았습니다"}


@app.get("/done")
def list_done() -> list[str]:
    return done
