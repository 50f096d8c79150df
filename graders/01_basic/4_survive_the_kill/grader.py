"""알림 하나를 마치고, 다음 알림의 도중에 kill -9로 끝낸 다음, 다시 시작해서 봅니다."""

import sqlite3
from contextlib import closing
from pathlib import Path

from lab.checking import Answer, Short, Web, wait_until

DONE, LAST = "done@example.com", "last@example.com"
TRIES = 3
NOT_SENT = Short(
    seen="응답은 왔지만 3초가 지나도 알림을 보내기 시작하지 않습니다.",
    why="등록한 태스크가 없거나, 태스크가 실행되다가 오류를 냈습니다.",
    look="send에서 등록하는 함수와 인자를 deliver의 매개변수와 견주세요.",
)


def grade(answer: Answer) -> None:
    cut = next(filter(None, (cut_short(answer, at) for at in range(TRIES))), None)
    if cut is None:
        raise Short(
            seen="응답을 받자마자 kill -9로 끝냈지만, 알림이 이미 남아 있었습니다.",
            why="send가 알림을 다 보낸 다음에 응답했습니다.",
            look="send에서 deliver를 부르지 않고 등록했는지 보세요.",
        )
    left = rows(answer.folder / "outbox.db")
    with answer.web() as web:
        wait_for_resumed(answer, cut, left)
        # 이어서 보낸 것이 모두 끝나도록, 나중에 보낸 것을 기다립니다.
        send(web, LAST)
        wait_for(answer, LAST, f"다시 시작한 뒤에 보낸 {LAST}의 알림이 없습니다.")
    if (times := count(answer, DONE)) > 1:
        raise Short(
            seen=f"죽기 전에 마친 {DONE}의 알림이 두 번 남았습니다({times}줄).",
            why="다시 시작한 서버가, 이미 보낸 알림도 못다 한 일로 알았습니다.",
            look="deliver가 보낸 다음에 자기 행을 지우는지 보세요.",
        )


def cut_short(answer: Answer, at: int) -> str | None:
    """알림 하나를 마친 다음, 다음 알림의 도중에 kill -9로 끝냅니다. 끊긴 주소를 돌려줍니다.

    죽이기 전에 알림이 끝나 버렸으면 None입니다. 바쁜 컴퓨터에서는 그럴 수 있습니다.
    """
    cut = f"cut{at}@example.com"
    with answer.web() as web:
        if at == 0:
            send(web, DONE)
            wait_for(answer, DONE, f"{DONE}의 알림이 3초가 지나도 log.txt에 없습니다.")
        send(web, cut)
        web.wait_output(f"보내는 중: {cut}", 3, NOT_SENT)
        web.kill()
    return None if count(answer, cut) else cut


def send(web: Web, email: str) -> None:
    """알림을 부탁합니다."""
    response = web.post(f"/send/{email}")
    if response.status_code != 200:
        raise Short(
            seen=f"POST /send/{email}의 상태 코드가 {response.status_code}입니다.",
            why="알림을 적어 둔 요청에는 200으로 답해야 합니다.",
            look="서버의 마지막 오류를 보세요.",
        )


def wait_for(answer: Answer, email: str, seen: str) -> None:
    """알림이 남기를 기다립니다."""
    wait_until(lambda: count(answer, email), 3, Short(seen, NOT_SENT.why, NOT_SENT.look))


def wait_for_resumed(answer: Answer, cut: str, left: list[str]) -> None:
    """도중에 끊긴 알림이 다시 시작한 뒤에 남기를 기다립니다."""
    seen = f"kill -9 뒤에 다시 시작했지만, 3초가 지나도 {cut}의 알림이 없습니다."
    if cut in left:
        why = "outbox에 그 행이 남아 있는데도 보내지 않았습니다."
        look = "lifespan에서 yield 앞에 남은 행을 읽어 deliver에 넘기세요."
    elif "INSERT" in answer.source.upper():
        why = (
            "죽었을 때 outbox에 그 행이 없었습니다. 응답한 다음에 적었거나, 보내기 전에 지웠습니다."
        )
        look = "deliver에서 보내는 줄과 지우는 줄의 차례를 보세요."
    else:
        why = "outbox에 적어 둔 행이 없습니다. 메모리에 있던 것은 프로세스와 함께 사라졌습니다."
        look = "send에서 응답하기 전에 execute로 한 행을 INSERT하세요."
    wait_until(lambda: count(answer, cut), 3, Short(seen=seen, why=why, look=look))


def count(answer: Answer, email: str) -> int:
    """log.txt에 남은 그 주소의 알림의 수입니다."""
    log = answer.folder / "log.txt"
    text = log.read_text(encoding="utf-8") if log.exists() else ""
    return sum(line.startswith(f"{email}:") for line in text.splitlines())


def rows(database: Path) -> list[str]:
    """outbox에 남은 주소입니다. 표가 없으면 빈 목록입니다."""
    try:
        with closing(sqlite3.connect(database)) as db:
            return [email for (email,) in db.execute("SELECT email FROM outbox")]
    except sqlite3.Error:
        return []
