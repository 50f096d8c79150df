"""응답이 먼저 오고, 알림이 그 뒤에 한 줄 남는지 봅니다."""

from pathlib import Path

from lab.checking import Answer, Short, Web, wait_until

TRIES = 3
"""바쁜 컴퓨터에서는 응답이 늦을 수 있으므로, 한 번이라도 알림보다 먼저 왔으면 됩니다."""


def grade(answer: Answer) -> None:
    log = answer.folder / "log.txt"
    with answer.web() as web:
        if not any(responds_first(web, log, f"user{at}@example.com") for at in range(TRIES)):
            called = "TypeError" in web.output
            raise Short(
                seen=f"응답이 {web.seconds:.1f}초 뒤에 왔고, 알림이 이미 log.txt에 있었습니다.",
                why="add_task에 함수를 넘긴 것이 아니라 부른 것이라, 응답보다 먼저 실행되었습니다."
                if called
                else "send가 알림을 다 보낸 다음에 반환합니다.",
                look="write_notification이라는 이름 바로 뒤에 괄호가 있는 줄을 찾으세요.",
            )
        notice = wait_until(
            lambda: lines(log),
            3,
            Short(
                seen="응답은 먼저 왔지만, 3초가 지나도 log.txt에 알림이 없습니다.",
                why="등록한 태스크가 없거나, 태스크가 실행되다가 오류를 냈습니다.",
                look="add_task를 부르는지, 넘긴 인자의 수가 맞는지 보세요.",
            ),
        )
    if not notice[0].startswith("user0@example.com: "):
        raise Short(
            seen=f"log.txt의 첫 줄이 {notice[0]!r}입니다. 맨 앞이 요청한 주소가 아닙니다.",
            why="알림은 요청의 경로에 적힌 주소로 가야 합니다.",
            look="add_task에 넘긴 인자의 차례를 write_notification의 매개변수와 견주세요.",
        )


def responds_first(web: Web, log: Path, email: str) -> bool:
    """알림을 부탁하고, 응답이 왔을 때 알림이 아직 없으면 참입니다."""
    before = len(lines(log))
    response = web.post(f"/send/{email}")
    after = len(lines(log))
    if response.status_code != 200:
        raise Short(
            seen=f"POST /send/{email}의 상태 코드가 {response.status_code}입니다.",
            why="알림을 등록한 요청에는 200으로 답해야 합니다.",
            look="send의 매개변수와, 위에 적힌 오류가 있으면 그 줄을 보세요.",
        )
    return after == before


def lines(log: Path) -> list[str]:
    """지금까지 적힌 줄입니다."""
    return log.read_text(encoding="utf-8").splitlines() if log.exists() else []
