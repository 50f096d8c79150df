"""응답이 먼저 오고, 알림이 그 뒤에 한 줄 남는지 봅니다."""

from lab.checking import Answer, Short, wait_until

EMAIL = "user@example.com"


def grade(answer: Answer) -> None:
    log = answer.folder / "log.txt"
    with answer.web() as web:
        response = web.post(f"/send/{EMAIL}")
        already = log.exists()
        if response.status_code != 200:
            raise Short(
                seen=f"POST /send/{EMAIL}의 상태 코드가 {response.status_code}입니다.",
                why="알림을 등록한 요청에는 200으로 답해야 합니다.",
                look="서버의 마지막 오류와 send의 매개변수를 보세요.",
            )
        if web.seconds > 0.5:
            how = "알림이 응답보다 먼저 끝났습니다" if already else "응답이 알림을 기다렸습니다"
            raise Short(
                seen=f"응답이 {web.seconds:.1f}초 뒤에 왔습니다. {how}.",
                why="write_notification을 등록할 때 괄호를 붙였다면, 넘긴 것이 아니라 부른 것입니다.",
                look="send 안에서 write_notification이라는 이름 바로 뒤에 괄호가 있는지 보세요.",
            )
        wait_until(
            log.exists,
            2.5,
            Short(
                seen=f"응답은 {web.seconds:.2f}초에 왔지만, 2.5초가 지나도 log.txt가 없습니다.",
                why="등록한 태스크가 없거나, 태스크가 실행되다가 오류를 냈습니다.",
                look="add_task를 부르는지, 넘긴 인자의 수가 맞는지 보세요.",
            ),
        )
        lines = wait_until(
            lambda: log.read_text(encoding="utf-8").splitlines(),
            1,
            Short(
                seen="log.txt가 비어 있습니다.",
                why="알림 한 줄이 있어야 합니다.",
                look="write_notification을 고쳤다면 되돌리세요.",
            ),
        )
    if not lines[0].startswith(f"{EMAIL}: "):
        raise Short(
            seen=f"log.txt의 첫 줄이 {lines[0]!r}입니다. 맨 앞이 요청한 주소가 아닙니다.",
            why=f"알림은 요청에 적힌 {EMAIL}에게 가야 합니다.",
            look="add_task에 넘긴 인자의 차례를 write_notification의 매개변수와 견주세요.",
        )
