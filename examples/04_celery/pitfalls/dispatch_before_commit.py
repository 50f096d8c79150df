"""함정: 커밋하기 전에 .delay()를 부르면 워커가 그 행을 찾지 못합니다.

증상: 주문은 저장되었는데 태스크는 "주문이 없습니다"라는 예외로 실패하고, 주문은 발송되지 않습니다.

web: uvicorn dispatch_before_commit:app
worker: celery -A dispatch_before_commit:celery_app worker --loglevel INFO --concurrency 1
"""

import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing

from celery import Celery
from fastapi import BackgroundTasks, FastAPI


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    publish_outbox()  # 커밋만 하고 죽은 지난 실행의 행을 요청을 받기 전에 보냅니다.
    yield


REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
DATABASE_PATH = os.environ.get("DATABASE_PATH", "orders.db")
celery_app = Celery("shop", broker=REDIS_URL, backend=REDIS_URL)
app = FastAPI(lifespan=lifespan)


@celery_app.task
def ship(order_id: int) -> None:
    with closing(sqlite3.connect(DATABASE_PATH)) as db, db:
        if not db.execute("SELECT 1 FROM orders WHERE id = ?", (order_id,)).fetchone():
            raise LookupError("주문이 없습니다")
        db.execute("UPDATE orders SET status = '발송' WHERE id = ?", (order_id,))  # 두 번 해도 같음


def publish_outbox() -> None:
    with closing(sqlite3.connect(DATABASE_PATH, isolation_level=None)) as db:  # 문장마다 커밋
        db.execute("CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, status TEXT)")
        db.execute("CREATE TABLE IF NOT EXISTS outbox (order_id INTEGER, sent INTEGER DEFAULT 0)")
        for (order_id,) in db.execute("SELECT order_id FROM outbox WHERE sent = 0").fetchall():
            ship.apply_async((order_id,), ignore_result=True)  # 여기서 죽으면 한 번 더 보냅니다.
            db.execute("UPDATE outbox SET sent = 1 WHERE order_id = ?", (order_id,))


@app.post("/broken")  # 워커가 끝날 때까지 커밋을 미루어, 가끔 나는 문제를 늘 나게 합니다.
def broken() -> dict[str, str]:
    with closing(sqlite3.connect(DATABASE_PATH)) as db, db:  # 나갈 때 커밋합니다.
        order_id = db.execute("INSERT INTO orders (status) VALUES ('접수')").lastrowid
        return {"worker": str(ship.delay(order_id).get(timeout=10, propagate=False))}


@app.post("/fixed")
def fixed(background_tasks: BackgroundTasks) -> dict[str, str]:
    with closing(sqlite3.connect(DATABASE_PATH)) as db, db:
        order_id = db.execute("INSERT INTO orders (status) VALUES ('접수')").lastrowid
        db.execute("INSERT INTO outbox (order_id) VALUES (?)", (order_id,))
    background_tasks.add_task(publish_outbox)
    return {"message": "주문을 받았습니다"}
