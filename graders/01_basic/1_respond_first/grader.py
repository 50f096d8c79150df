"""응답이 먼저 오고, 알림이 그 뒤에 한 줄 남는지 봅니다."""

import ast
from pathlib import Path

from lab.checking import Answer, Short, Web, explaining, source, wait_until

TRIES = 3
"""바쁜 컴퓨터에서는 응답이 늦을 수 있으므로, 한 번이라도 알림보다 먼저 왔으면 됩니다."""
MESSAGE = "알림이 전송될 예정입니다"


def grade(answer: Answer) -> None:
    log = answer.folder / "log.txt"
    with answer.web() as web:
        requests = first_response_before_notice(web, log)
        wait_until(lambda: lines(log) or not web.running, 3, no_notice(answer))
        check_it_runs(web)
        notices = lines(log)
        # 끝나라고 하면 uvicorn은 남은 태스크를 마저 실행하므로, 더 남을 줄이 없습니다.
        web.stop()
    if not notices[0].startswith("user0@example.com: "):
        raise Short(
            seen=f"log.txt의 첫 줄이 {notices[0]!r}입니다. 맨 앞이 요청한 주소가 아닙니다.",
            why="알림은 요청의 경로에 적힌 주소로 가야 합니다.",
            look="add_task에 넘긴 인자의 차례를 write_notification의 매개변수와 견주세요.",
        )
    if (count := len(lines(log))) > requests:
        raise Short(
            seen=f"요청은 {requests}번 보냈는데 log.txt에는 {count}줄이 남았습니다.",
            why="같은 알림이 두 번 나갔습니다. 태스크는 등록한 만큼 실행됩니다.",
            look="알림을 등록하거나 보내는 줄이 몇 개인지 세어 보세요.",
        )
    if not names_used(answer) & {"BackgroundTasks", "BackgroundTask"}:
        raise Short(
            seen="응답이 먼저 왔고 알림도 남았지만, BackgroundTasks를 쓰지 않았습니다.",
            why="따로 시작한 스레드는 FastAPI가 알지 못하고, 요청이 몰리면 한도 없이 늘어납니다.",
            look="응답 뒤에 할 일을 FastAPI에 맡기세요.",
        )


def first_response_before_notice(web: Web, log: Path) -> int:
    """응답이 알림보다 먼저 올 때까지 몇 번 부탁했는지 돌려줍니다."""
    for at in range(TRIES):
        if responds_first(web, log, f"user{at}@example.com"):
            return at + 1
    called = "TypeError" in web.output
    raise Short(
        seen=f"응답이 {web.seconds:.1f}초 뒤에 왔고, 알림이 이미 log.txt에 있었습니다.",
        why="add_task에 함수를 넘긴 것이 아니라 부른 것이라, 응답보다 먼저 실행되었습니다."
        if called
        else "send가 알림을 다 보낸 다음에 반환합니다.",
        look="write_notification이라는 이름 바로 뒤에 괄호가 있는 줄을 찾으세요.",
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
    if MESSAGE not in response.text:
        raise Short(
            seen=f"POST /send/{email}의 응답에 '{MESSAGE}'가 없습니다. 본문: {response.text[:80]}",
            why="달라져야 하는 것은 응답이 오는 때입니다. 응답의 내용은 그대로여야 합니다.",
            look="send의 return 줄을 처음 파일과 견주세요.",
        )
    return after == before


def no_notice(answer: Answer) -> Short:
    """알림이 끝내 남지 않았을 때의 말입니다."""
    seen = "응답은 먼저 왔지만, 3초가 지나도 log.txt에 알림이 없습니다."
    if "BackgroundTasks" in names_called(answer):
        return Short(
            seen=seen,
            why="BackgroundTasks()로 직접 만든 목록은 응답에 실리지 않아, 실행하는 곳이 없습니다.",
            look="send가 목록을 어디에서 얻는지 보세요. 목록은 FastAPI가 넣어 주어야 합니다.",
        )
    return Short(
        seen=seen,
        why="등록한 태스크가 없거나, 태스크가 실행되다가 오류를 냈습니다.",
        look="add_task를 부르는지, 넘긴 인자의 수가 맞는지 보세요.",
    )


def check_it_runs(web: Web) -> None:
    """태스크가 서버를 끝내지 않아야 합니다."""
    if not web.running:
        doing = "응답한 다음 태스크를 실행하다가"
        raise explaining.died(web.name, doing, web.returncode, web.output)


def names_used(answer: Answer) -> set[str]:
    """임포트한 것 말고, 코드에서 쓴 이름입니다."""
    tree = source.parse(answer.source)
    return {name_of(node) for node in ast.walk(tree) if isinstance(node, ast.expr)}


def names_called(answer: Answer) -> set[str]:
    """괄호를 붙여 부른 이름입니다."""
    tree = source.parse(answer.source)
    return {name_of(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}


def name_of(node: ast.expr) -> str:
    """`이름`이나 `모듈.이름`의 이름입니다. 다른 식이면 빈 문자열입니다."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def lines(log: Path) -> list[str]:
    """지금까지 적힌 줄입니다."""
    return log.read_text(encoding="utf-8").splitlines() if log.exists() else []
