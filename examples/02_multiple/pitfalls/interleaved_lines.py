"""함정: 두 태스크가 긴 기록을 한 파일에 나누어 쓰면 줄이 서로 섞입니다.

증상: 두 요청을 동시에 보내면 한 줄에 두 사용자의 기록이 섞이고, 온전한 줄이 하나도 없습니다.

web: uvicorn interleaved_lines:app
"""

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from fastapi import BackgroundTasks, FastAPI

PAGE_SECONDS = float(os.environ.get("PAGE_SECONDS", "1"))

app = FastAPI()
log_file = Path("log.txt")
log_lock = threading.Lock()


def read_pages(user_id: int) -> Iterator[str]:
    """느린 서버에서 활동 이력을 한 쪽씩 읽어 옵니다. 한 쪽이 파일의 쓰기 버퍼보다 깁니다."""
    for number in range(1, 4):
        time.sleep(PAGE_SECONDS)
        yield f"[{user_id}번 사용자 {number}쪽]" + "." * 200_000


def write_log(user_id: int) -> None:
    with log_file.open("a", encoding="utf-8") as log:
        for page in read_pages(user_id):
            log.write(page)
        log.write("\n")


@app.post("/broken")
def broken(user_id: int, background_tasks: BackgroundTasks) -> dict[str, str]:
    background_tasks.add_task(write_log, user_id)
    return {"message": "기록할 예정입니다"}


def write_whole_line(user_id: int) -> None:
    """줄을 다 만든 뒤에, 한 번에 한 스레드만 파일에 씁니다."""
    line = "".join(read_pages(user_id)) + "\n"
    with log_lock, log_file.open("a", encoding="utf-8") as log:
        log.write(line)


@app.post("/fixed")
def fixed(user_id: int, background_tasks: BackgroundTasks) -> dict[str, str]:
    background_tasks.add_task(write_whole_line, user_id)
    return {"message": "기록할 예정입니다"}


@app.get("/log")
def read_log() -> list[str]:
    """log.txt를 줄 단위로, 본문의 점을 빼고 보여 줍니다."""
    text = log_file.read_text(encoding="utf-8") if log_file.exists() else ""
    return text.replace(".", "").splitlines()
