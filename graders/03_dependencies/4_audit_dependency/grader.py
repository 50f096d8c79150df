"""기록을 쓰지 못하게 막아 둔 채로 주문하고, 푼 다음에 남은 기록과 그 차례를 봅니다."""

import ast
from pathlib import Path

import httpx

from lab.checking import Answer, Short, Web, happens, source, wait_until
from lab.checking.databases import commits_blocked
from lab.checking.explaining import last_error

EXPECTED = ["kim POST /orders", "kim DELETE /orders"]
RECEIPT = "건 뒤의 영수증"
BODIES = {"create_order": 2, "cancel_order": 1}
"""경로 처리 함수와, 처음 파일에 있는 본문의 문장 수입니다."""


def grade(answer: Answer) -> None:
    with answer.web() as web:
        messages_of(web)
        order_while_blocked(web, answer.folder / "audit.db")
        wait_for_the_receipt(web)
        call(web, "DELETE")
        happens(lambda: messages_of(web) == EXPECTED, 1)
        check_the_messages(web, messages_of(web))
    check_the_bodies(answer)


def check_the_bodies(answer: Answer) -> None:
    """경로 처리 함수의 본문은 처음 그대로입니다."""
    for node in ast.walk(source.parse(answer.source)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or node.name not in BODIES:
            continue
        body = [each for each in node.body if not is_docstring(each)]
        if len(body) > BODIES[node.name]:
            raise Short(
                seen=f"기록은 모두 남았지만, {node.name}의 본문에 줄이 더 있습니다.",
                why="경로마다 적어 넣으면, 새 경로를 만드는 사람이 잊었을 때 기록이 남지 않습니다.",
                look="본문을 되돌리고, 그 일을 audit에서 하게 하세요.",
            )


def is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def call(web: Web, method: str, seconds: float = 10) -> None:
    """사용자 kim이 주문하거나 취소합니다."""
    response = web.request(method, "/orders", headers={"X-User": "kim"}, timeout=seconds)
    if response.status_code != 200:
        raise Short(
            seen=f"X-User: kim으로 보낸 {method} /orders가 {response.status_code}입니다.",
            why=f"응답의 본문: {response.text[:160]}",
            look="audit의 매개변수에 적은 이름과 타입을 보세요. X-User는 Header()로 받습니다.",
        )


def order_while_blocked(web: Web, database: Path) -> None:
    """기록을 쓸 수 없는 동안에도 응답은 와야 합니다."""
    try:
        with commits_blocked(database):
            call(web, "POST", seconds=1.5)
    except Short as short:
        if not isinstance(short.__context__, httpx.TimeoutException):
            raise
        raise Short(
            seen="audit.db에 쓰지 못하게 막아 두고 주문했더니 1.5초 동안 응답이 오지 않았습니다.",
            why="기록을 응답 전에 남기고 있습니다. 기록이 느려지면 모든 주문이 느려집니다.",
            look="의존성에서 기록을 남기지 말고, 남길 태스크를 등록하세요.",
        ) from None


def wait_for_the_receipt(web: Web) -> None:
    """주문의 태스크가 모두 끝나기를 기다립니다."""
    nothing = Short(
        seen="주문에는 답했지만 영수증이 출력되지 않았습니다.",
        why="create_order가 등록한 send_receipt도 실행되어야 합니다.",
        look="create_order와 send_receipt를 고쳤다면 되돌리세요.",
    )
    wait_until(lambda: RECEIPT in web.output or web.escaped(), 2, nothing)
    if web.escaped():
        raise Short(
            seen=f"기록하는 태스크가 예외로 끝났습니다. {last_error(web.output)}",
            why="태스크가 시작할 때 요청의 연결은 이미 닫혀 있고, 뒤의 영수증도 막혔습니다.",
            look="태스크가 쓸 연결은 태스크가 열고 닫아야 합니다.",
        )


def messages_of(web: Web) -> list[str]:
    """GET /audit의 기록입니다."""
    response = web.get("/audit")
    if response.status_code != 200:
        raise Short(
            seen=f"GET /audit의 상태 코드가 {response.status_code}입니다.",
            why="기록을 읽는 데에는 X-User가 필요하지 않습니다.",
            look="audit을 모든 경로에 달았다면, 주문하고 취소하는 경로에만 다세요.",
        )
    messages: list[str] = response.json()
    return messages


def check_the_messages(web: Web, messages: list[str]) -> None:
    """둘 다 남았는지, 누구의 것인지, 영수증보다 먼저인지 봅니다."""
    if not messages:
        raise Short(
            seen="주문하고 취소했는데 기록이 하나도 없습니다.",
            why="audit이나 등록한 목록이 실행되지 않았거나, 실행했지만 커밋하지 않았습니다.",
            look="FastAPI는 매개변수로 받은 목록만 실행합니다. INSERT는 커밋해야 남습니다.",
        )
    if any(each.endswith(" GET /audit") for each in messages):
        raise Short(
            seen="주문과 취소만이 아니라 GET /audit까지 기록했습니다.",
            why="기록을 읽는 것은 주문한 일이 아닙니다. 읽을 때마다 기록이 늘어납니다.",
            look="audit을 앱 전체에 달았다면, 주문하고 취소하는 경로에만 다세요.",
        )
    strangers = [each for each in messages if not each.startswith("kim ")]
    if strangers:
        raise Short(
            seen=f"X-User는 kim인데 남은 기록은 {strangers[0]!r}입니다.",
            why="def 의존성은 컨텍스트의 복사본에서 실행됩니다. 거기에 넣은 값은 버려집니다.",
            look="값은 태스크의 인자로 넘기세요.",
        )
    lost = [each for each in EXPECTED if each not in messages]
    if lost:
        raise Short(
            seen=f"남은 기록은 {messages}입니다. 남지 않은 것: {', '.join(lost)}",
            why="주문하는 것과 취소하는 것을 모두 남겨야 합니다.",
            look="의존성을 단 경로를 세어 보세요. 글의 모양은 '사용자 메서드 경로'입니다.",
        )
    receipt = web.wait_output(RECEIPT, 1)
    if messages != EXPECTED or "1건" not in receipt:
        raise Short(
            seen=f"기록은 {messages}이고, 영수증은 {receipt.strip()!r}입니다.",
            why="한 요청에 기록이 하나씩, 영수증보다 먼저 남아야 합니다.",
            look="등록한 차례가 실행하는 차례입니다. 의존성은 경로 처리 함수보다 먼저 실행됩니다.",
        )
