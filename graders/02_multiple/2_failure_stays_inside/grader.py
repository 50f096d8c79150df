"""주문을 셋 보내고, 하나가 실패할 때 나머지의 기록과 로그를 봅니다."""

from collections import Counter

from lab.checking import Answer, Short, Web, happens, wait_until

TASKS = {"reserve_stock": "재고", "send_receipt": "영수증", "write_log": "기록"}


FAILURES = (
    ("품절", "reserve_stock", "창고에 물건이 없습니다"),
    ("주소없음", "send_receipt", "메일 서버가 주소를 거절했습니다"),
)


def grade(answer: Answer) -> None:
    with answer.web() as web:
        check_the_rest(web, "사과", failing=None)
        for item, failing, reason in FAILURES:
            before = len(web.output)
            check_the_rest(web, item, failing)
            check_the_log(web, before, item, failing, reason)
        check_nothing_else(web)


def done_by(item: str, failing: str | None) -> set[str]:
    """`failing`만 실패한 주문이 적어야 하는 것입니다."""
    return {f"{word}: {item}" for task, word in TASKS.items() if task != failing}


def check_the_rest(web: Web, item: str, failing: str | None) -> None:
    """주문 하나를 보내고, 실패하지 않는 태스크가 모두 적었는지 봅니다."""
    expected = done_by(item, failing)
    before = len(web.output)
    before_escaped = web.escaped()
    status = web.post(f"/orders/{item}").status_code
    if status != 200:
        raise Short(
            seen=f"'{item}' 주문의 상태 코드가 {status}입니다.",
            why="주문을 받았으면 200으로 답해야 합니다. 태스크의 실패는 응답과 상관이 없습니다.",
            look="경로 처리 함수가 예외를 내는지 보세요.",
        )

    happens(lambda: web.escaped(before) or not left_of(web, expected), 1.5)
    if missing := left_of(web, expected):
        raise stopped(item, failing, missing, web.escaped(before), before_escaped)


def left_of(web: Web, expected: set[str]) -> list[str]:
    """아직 적히지 않은 것입니다."""
    return sorted(expected - set(web.get("/done").json()))


def stopped(
    item: str, failing: str | None, missing: list[str], escaped: bool, before_escaped: bool
) -> Short:
    """나머지가 실행되지 않았을 때의 말입니다."""
    seen = f"'{item}'을 주문했더니 남지 않은 것이 있습니다. {', '.join(missing)}"
    if failing is None:
        return Short(
            seen=seen,
            why="실패하는 것이 없는 주문에서는 태스크 셋이 모두 실행되어야 합니다.",
            look="등록한 태스크의 이름과 인자를 보세요.",
        )
    if not escaped:
        return Short(
            seen=seen,
            why=f"{failing}의 예외를 잡았지만, 잡은 곳이 너무 밖이라 나머지까지 건너뛰었습니다.",
            look="try 하나가 태스크 몇 개를 감싸고 있는지 세어 보세요.",
        )
    if failing == "send_receipt" and not before_escaped:
        return Short(
            seen=seen,
            why="reserve_stock의 예외는 잡았지만, send_receipt의 예외는 잡지 못했습니다.",
            look="두 함수가 내는 예외의 이름을 보고, 둘 다 받는 except인지 확인하세요.",
        )
    if failing == "send_receipt":
        return Short(
            seen=seen,
            why="재고가 실패할 때에는 괜찮지만, 영수증이 실패하면 예외가 반복문을 끝냅니다.",
            look="실패할 수 있는 것이 하나가 아닙니다. 차례를 바꾸는 것으로는 모두 막지 못합니다.",
        )
    return Short(
        seen=seen,
        why=f"{failing}의 예외가 태스크 밖으로 나와, 태스크를 실행하던 반복문을 끝냈습니다.",
        look="예외는 add_task를 부를 때가 아니라, 응답이 나가고 태스크를 실행할 때 납니다.",
    )


def check_the_log(web: Web, before: int, item: str, failing: str, reason: str) -> None:
    """실패가 이름과 까닭으로 남았는지, 응답 뒤에 일어났는지 봅니다."""

    def log() -> str:
        return web.output[before:]

    hidden = Short(
        seen=f"'{item}'을 주문해도 서버의 로그에 예외의 글이 없습니다.",
        why="나머지는 실행되었지만, 왜 실패했는지는 아무도 알 수 없습니다.",
        look="예외를 잡은 자리에서 logger로 예외의 글을 남기세요.",
    )
    nameless = Short(
        seen=f"'{item}'을 주문하면 까닭은 로그에 있지만, {failing}이라는 이름이 없습니다.",
        why="까닭만 있으면 어느 태스크를 다시 해야 하는지 알 수 없습니다.",
        look="함수의 이름은 함수의 __name__에 있습니다.",
    )
    wait_until(lambda: reason in log(), 1, hidden)
    wait_until(lambda: failing in log(), 0.5, nameless)
    wait_until(lambda: '"POST /orders/' in log(), 1, hidden)
    if log().index(reason) < log().index('"POST /orders/'):
        raise Short(
            seen=f"'{item}'을 주문하면 실패의 로그가 응답의 로그보다 먼저 나옵니다.",
            why="태스크를 요청 안에서 실행했습니다. 클라이언트는 셋이 모두 끝나기를 기다렸습니다.",
            look="경로 처리 함수는 부르지 말고 등록해야 합니다.",
        )


def check_nothing_else(web: Web) -> None:
    """실패한 일이 한 일로 적히거나, 한 일이 두 번 적히지 않아야 합니다."""
    orders = [("사과", None), *((item, failing) for item, failing, _ in FAILURES)]
    expected = Counter(each for order in orders for each in done_by(*order))
    extra = Counter(web.get("/done").json()) - expected
    failed = [each for each in extra if each not in expected]
    if failed:
        raise Short(
            seen=f"실패한 일이 한 일의 목록에 있습니다: {', '.join(failed)}",
            why="GET /done은 실제로 끝난 일만 답해야 합니다.",
            look="태스크 함수 셋은 처음 그대로여야 합니다. 예외를 낸 뒤에는 적지 않습니다.",
        )
    if extra:
        raise Short(
            seen=f"한 번만 해야 할 일이 더 적혀 있습니다: {', '.join(extra)}",
            why="주문 하나에 태스크 셋이 한 번씩 실행되어야 합니다.",
            look="같은 태스크를 두 곳에서 등록하거나 부르는지 보세요.",
        )
