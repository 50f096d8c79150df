"""메일 서버가 답하지 않는 동안 풀에서 나간 연결을 세고, 답한 다음의 상태를 봅니다."""

import ast
import re

from lab.checking import Answer, Short, Web, source, wait_until
from lab.checking.explaining import last_error

WAITING = "에게 영수증을 보냅니다"


def grade(answer: Answer) -> None:
    with answer.web() as web:
        first = order(web, "kim@example.com")
        check_the_task_waits_for_the_mail(web)
        check_the_pool(answer, web)
        second = order(web, "lee@example.com")
        check_nothing_is_sent(answer, web, first)
        web.post("/mail-server")
        for order_id in (first, second):
            check_the_status(web, order_id)


def order(web: Web, email: str) -> int:
    """주문하고 번호를 돌려줍니다."""
    response = web.post(f"/orders/{email}")
    if response.status_code != 200:
        raise Short(
            seen=f"POST /orders/{email}의 상태 코드가 {response.status_code}입니다.",
            why="다른 주문의 태스크가 기다리는 동안에도 주문을 받아야 합니다.",
            look=last_error(web.output),
        )
    return int(response.json()["order_id"])


def check_the_task_waits_for_the_mail(web: Web) -> None:
    """태스크가 메일 서버를 기다리는 줄까지 갑니다."""
    nothing = Short(
        seen=f"응답이 오고 2초가 지나도 '주소{WAITING}'가 출력되지 않았습니다.",
        why="태스크가 시작하지 않았거나, 메일 서버를 기다리기 전에 멈추었습니다.",
        look="등록하는 줄과 send_receipt의 print를 보세요.",
    )
    wait_until(lambda: WAITING in web.output or web.escaped(), 2, nothing)
    if WAITING in web.output:
        return
    error = last_error(web.output)
    if "QueuePool limit" in error:
        raise Short(
            seen="태스크가 연결을 얻지 못하고 QueuePool limit … reached로 끝났습니다.",
            why="하나뿐인 연결을 자기 요청의 세션이 붙잡고 있습니다. 태스크가 끝나야 놓습니다.",
            look="요청의 세션을 응답 전에 닫게 하는 Depends의 인자를 찾으세요.",
        )
    raise Short(
        seen=f"태스크가 메일 서버를 기다리기 전에 예외로 끝났습니다. {error}",
        why="send_receipt에 넘긴 것이 태스크가 실행될 때에도 쓸 수 있는 것이어야 합니다.",
        look="add_task에 넘긴 인자와 send_receipt의 매개변수를 견주세요.",
    )


def check_the_pool(answer: Answer, web: Web) -> None:
    """메일 서버를 기다리는 동안 나간 연결이 없어야 합니다."""
    size = numbers(web).get("Pool size")
    if size is None:
        raise Short(
            seen=f"GET /pool의 답에 풀의 크기가 없습니다: {pool_status(web)!r}",
            why="연결의 수에 한도가 없으면, 태스크가 연결을 붙잡고 있어도 드러나지 않습니다.",
            look="create_engine의 풀을 바꾸지 말고, 기다리는 동안 연결을 돌려주세요.",
        )
    if size != 1:
        raise Short(
            seen=f"풀의 크기는 이제 {size}이고, 기다리는 태스크 하나가 연결 하나를 붙잡습니다.",
            why=f"메일 서버가 느려져 태스크가 {size}개 쌓이면 다시 같은 일이 일어납니다.",
            look="create_engine을 되돌리고, 기다리는 동안 연결을 돌려주세요.",
        )
    if "Session" in parameters_of_the_task(answer):
        why = "send_receipt가 받은 세션은 첫 쿼리에서 꺼낸 연결을 끝까지 놓지 않습니다."
        look = "닫힌 Session도 쿼리를 하면 조용히 다시 열립니다. 세션 말고 무엇을 넘기면 됩니까?"
    elif "scope" not in answer.source and ".close()" not in answer.source:
        why = "요청의 세션이 태스크가 끝날 때까지 연결을 놓지 않습니다."
        look = "요청의 세션을 응답 전에 닫게 하는 Depends의 인자를 찾으세요."
    else:
        why = "태스크가 연 세션이, 데이터베이스를 쓰지 않는 동안에도 열려 있습니다."
        look = "mail_server.wait가 with Session(…) 안에 있는지 보세요."
    held = Short(
        seen="태스크가 메일 서버를 기다리는 동안 GET /pool의 나간 연결이 1개입니다.",
        why=why,
        look=look,
    )
    wait_until(lambda: numbers(web)["Current Checked out connections"] == 0, 0.7, held)


def parameters_of_the_task(answer: Answer) -> str:
    """send_receipt의 매개변수로 적은 글입니다."""
    found = re.search(r"def send_receipt\((.*?)\)", answer.source, re.DOTALL)
    return found[1].strip() if found else ""


def numbers(web: Web) -> dict[str, int]:
    """GET /pool이 답한 수입니다."""
    found = re.findall(r"([A-Z][a-zA-Z ]+): (-?\d+)", pool_status(web))
    return {name.strip(): int(number) for name, number in found}


def pool_status(web: Web) -> str:
    """GET /pool이 답한 글입니다."""
    return str(web.get("/pool").json()["status"])


def status_of(web: Web, order_id: int) -> str:
    """주문의 상태입니다."""
    return str(web.get(f"/orders/{order_id}").json()["status"])


def check_nothing_is_sent(answer: Answer, web: Web, order_id: int) -> None:
    """메일 서버가 답하지 않은 동안에는 아직 보낸 것이 아닙니다."""
    if status_of(web, order_id) != "보냄":
        return
    seen = f"메일 서버가 아직 답하지 않았는데 {order_id}번 주문의 상태가 이미 '보냄'입니다."
    if waits(answer):
        raise Short(
            seen=seen,
            why="메일보다 먼저 커밋했습니다. 메일이 끝내 가지 않아도 '보냄'으로 남습니다.",
            look="상태를 바꾸는 줄과 mail_server.wait의 차례를 보세요.",
        )
    raise Short(
        seen=seen,
        why="태스크가 메일 서버를 기다리지 않습니다. 기다리는 일까지 없애면 메일이 가지 않습니다.",
        look="mail_server.wait 줄을 지웠다면 되돌리세요.",
    )


def waits(answer: Answer) -> bool:
    """답에 wait를 부르는 코드가 있으면 참입니다."""
    tree = ast.walk(source.parse(answer.source))
    return any(isinstance(node, ast.Attribute) and node.attr == "wait" for node in tree)


def check_the_status(web: Web, order_id: int) -> None:
    """메일 서버가 답하면 상태가 바뀝니다."""
    unsaved = Short(
        seen=f"메일 서버가 답했는데도 {order_id}번 주문의 상태가 '보냄'이 되지 않았습니다.",
        why="바꾼 값은, 그 값을 읽은 세션이 커밋해야 저장됩니다.",
        look="태스크가 자기 세션에서 주문을 다시 읽고, 바꾸고, 커밋하는지 보세요.",
    )
    wait_until(lambda: status_of(web, order_id) == "보냄", 1.5, unsaved)
