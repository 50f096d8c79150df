"""연습 05-2: PDF를 만드는 동안에도 다른 요청에 답하게 고치세요.

make_pdf는 asyncio를 모르는 라이브러리이고, send_mail은 await해야 하는 라이브러리입니다.
지금은 프린터가 준비될 때까지 서버 전체가 멈춥니다. 프린터는 POST /printer로 준비됩니다.

목표:

- 프린터를 기다리는 동안에도 POST /invoices의 응답과 GET /ping의 답이 바로 옵니다.
- 메일은 PDF가 끝난 다음에 나갑니다.
- make_pdf와 send_mail은 고치지 않습니다.

실행하기: uv run fastapi dev --port 8001 exercises/05_async/2_nobody_waits.py
확인하기: uv run lab check 05-2
"""

import asyncio
import os
import threading

from fastapi import BackgroundTasks, FastAPI

PRINTER_SECONDS = float(os.environ.get("PRINTER_SECONDS", "10"))

app = FastAPI()
printer = threading.Event()
events: list[str] = []


def make_pdf() -> None:
    """프린터가 준비될 때까지 스레드를 붙잡고 기다립니다."""
    events.append("PDF 시작")
    printer.wait(timeout=PRINTER_SECONDS)
    events.append("PDF 끝")


async def send_mail() -> None:
    """비동기 메일 라이브러리를 대신합니다."""
    events.append("메일 시작")
    await asyncio.sleep(0.1)
    events.append("메일 끝")


async def send_invoice() -> None:
    make_pdf()  # TODO: 이 줄이 이벤트 루프를 막습니다.
    await send_mail()


@app.post("/invoices")
async def create_invoice(background_tasks: BackgroundTasks) -> dict[str, str]:
    background_tasks.add_task(send_invoice)
    return {"message": "청구서를 보낼 예정입니다"}


@app.post("/printer")
async def prepare_printer() -> None:
    printer.set()


@app.get("/ping")
async def ping() -> list[str]:
    """지금까지 일어난 일을 차례대로 답합니다."""
    return events
