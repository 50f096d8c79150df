"""스레드를 시작하고 이벤트 루프에서 기다립니다."""

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
    th = threading.Thread(target=make_pdf)
    th.start()
    th.join()
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
