"""주문한 것을 바로 조회하고, 커밋을 막아 둔 채로 주문해 응답과 커밋의 차례를 봅니다."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing
from pathlib import Path

from lab.checking import Answer, Short, Web, happens
from lab.checking.databases import commits_blocked

RECEIPT = "번 영수증: "


def grade(answer: Answer) -> None:
    with answer.web() as web:
        check_the_answer_can_be_read(web)
        check_nothing_refused_stays(web, answer.folder / "orders.db")
        check_the_commit_comes_first(web, answer.folder / "orders.db")


def check_the_answer_can_be_read(web: Web) -> None:
    """응답의 번호를 바로 조회하고, 태스크도 주문을 찾았는지 봅니다."""
    response = web.post("/orders/사과")
    if response.status_code != 200:
        raise Short(
            seen=f"POST /orders/사과의 상태 코드가 {response.status_code}입니다.",
            why="'품절'이 아닌 주문은 200으로 받아야 합니다.",
            look="서버의 마지막 오류를 보세요.",
        )
    path = f"/orders/{response.json()['order_id']}"
    status = web.get(path).status_code
    line = web.wait_output(
        RECEIPT,
        1.5,
        Short(
            seen="주문에는 답했지만, 영수증 한 줄이 출력되지 않았습니다.",
            why="응답이 나간 뒤에 send_receipt가 실행되어야 합니다.",
            look="send_receipt를 등록하는 줄이 남아 있는지 보세요.",
        ),
    )
    if "사과" in line:
        return  # 조회가 404였다면 응답이 커밋보다 먼저입니다. 그것은 뒤에서 확인합니다.
    found = line.rpartition(": ")[2]
    seen = f"응답을 받고 바로 조회하니 {status}이고, 태스크가 찾은 주문은 {found}입니다."
    if happens(lambda: web.get(path).status_code == 200, 1.5):
        raise Short(
            seen=f"{seen} 조금 뒤에는 조회됩니다.",
            why="의존성의 뒷부분은 응답이 나가고 태스크까지 끝난 다음에 실행됩니다.",
            look="뒷부분에 있는 한, try나 finally로 감싸도 실행되는 때는 같습니다.",
        )
    raise Short(
        seen=f"{seen} 조금 뒤에도 조회되지 않습니다.",
        why="INSERT 다음에 커밋이 없어서, 연결을 닫을 때 주문이 사라졌습니다.",
        look="INSERT한 그 연결에서, INSERT보다 나중에 커밋하는지 보세요.",
    )


def check_nothing_refused_stays(web: Web, database: Path) -> None:
    """거절한 주문은 남지 않습니다."""
    status = web.post("/orders/품절").status_code
    with closing(sqlite3.connect(database)) as connection:
        items = [item for (item,) in connection.execute("SELECT item FROM orders")]
    if status != 409 or "품절" in items:
        raise Short(
            seen=f"'품절' 주문의 상태 코드는 {status}이고, 데이터베이스의 주문은 {items}입니다.",
            why="409로 거절한 주문은 커밋하지 않아야 합니다.",
            look="예외를 낼 수 있는 줄보다 앞에서 커밋하고 있는지 보세요.",
        )


def check_the_commit_comes_first(web: Web, database: Path) -> None:
    """커밋이 끝나지 못하게 막으면, 응답도 오지 않아야 합니다."""
    with ThreadPoolExecutor() as pool:
        with commits_blocked(database):
            answer = pool.submit(web.post, "/orders/배")
            answered, _ = wait([answer], timeout=0.6)
        if answered:
            raise answered_first()
        status = answer.result().status_code
    if status != 200:
        raise Short(
            seen=f"다른 프로그램이 데이터베이스를 잠시 읽는 동안 주문했더니 {status}입니다.",
            why="잠긴 데이터베이스는 기다리면 풀립니다.",
            look="connect의 timeout=30을 고쳤다면 되돌리세요.",
        )


def answered_first() -> Short:
    """커밋보다 응답이 먼저일 때의 말입니다."""
    return Short(
        seen="데이터베이스의 커밋을 막아 두고 주문했는데, 응답이 그대로 왔습니다.",
        why="응답이 나갈 때 아직 커밋하지 않았습니다. 운이 나쁘면 바로 한 조회가 404입니다.",
        look="커밋하는 줄이 응답보다 앞, 곧 경로 처리 함수 안에서 실행되는지 보세요.",
    )
