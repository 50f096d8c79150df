"""첫 의자를 포장하는 동안 컨슈머를 kill -9로 죽이고 다시 켜, 발송과 재고를 견줍니다.

그다음에는 끝난 주문의 이벤트를 한 번 더 적고 다시 켜서, 바뀌는 것이 없는지 봅니다.
끝으로 발송과 재고 사이에서 오류를 내고 다시 켜서, 하나만 남지 않는지 봅니다.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from confluent_kafka import Consumer, Producer, TopicPartition

from lab.checking import Answer, Process, Short, Web, happens, wait_until

TOPIC, GROUP = "orders", "shipping"
PRODUCTS = ("의자", "의자", "책상")
BREAK = "SELECT abs(-9223372036854775807 - 1)"
"""실행하면 sqlite3.OperationalError를 내는 식입니다. 기본 키가 겹칠 때의 오류와는 다릅니다."""
FULL = {"의자": 10, "책상": 10}


def grade(answer: Answer) -> None:
    with (
        answer.kafka() as broker,
        answer.process("python", "answer.py", PACK_SECONDS="60") as consumer,
        answer.web() as web,
    ):
        orders = [order(web, product) for product in PRODUCTS]
        wait_for_the_middle(web, consumer)
        early = orders[0] in read(web)["shipments"]
        check_others_can_write(answer.folder / "shop.db")
        consumer.kill()
        position = committed(broker.url)
        with answer.process("python", "answer.py", PACK_SECONDS="0") as successor:
            wait_for_the_last(web, successor, orders[-1])
            check(read(web), orders, position)
            successor.kill()  # 이미 한 것을 메모리에만 적어 두었으면 잊습니다.
            write_again(broker.url, {"event_id": orders[0], "product": PRODUCTS[0]})
            last = order(web, PRODUCTS[-1])
            with successor:
                wait_for_the_next(web, successor, last)
                check_nothing_twice(read(web))
                check_the_commit(broker.url)
            last = order(web, PRODUCTS[-1])
            with broken_in_between(answer.folder / "shop.db"), successor:
                happens(lambda: not successor.running or last in read(web)["shipments"], 10)
            with successor:
                check_both_or_neither(web, successor, last)
            check_not_early(early)


def order(web: Web, product: str) -> str:
    """주문하고 이벤트의 id를 돌려줍니다."""
    response = web.post(f"/orders/{product}")
    if response.status_code != 202 or "event_id" not in response.text:
        raise Short(
            seen=f"POST /orders/{product}의 응답이 {response.status_code}입니다.",
            why="주문 이벤트를 적고 202와 event_id로 답해야 합니다.",
            look="create_order는 고치지 않아도 됩니다.",
        )
    return str(response.json()["event_id"])


def wait_for_the_middle(web: Web, consumer: Process) -> None:
    """첫 주문을 받아 포장하기 시작할 때까지 기다립니다."""
    silent = Short(
        seen="컨슈머를 켰지만 '받았습니다'가 출력되지 않습니다.",
        why="주문 이벤트를 읽으면 이 줄이 나와야, 포장하는 동안 죽일 수 있습니다.",
        look="consume의 print 줄이 그대로 있는지 보세요.",
    )
    consumer.wait_output("받았습니다", 40, silent)
    if happens(lambda: consumer.output.count("받았습니다") > 1, 1.5):
        raise Short(
            seen="첫 의자를 포장하지 않고 곧바로 다음 주문을 받았습니다.",
            why="포장하는 시간이 없으면 그 사이에 죽일 수도 없어, 버티는지 확인하지 못합니다.",
            look="ship의 time.sleep(PACK_SECONDS) 줄을 되돌리세요.",
        )


def check_others_can_write(database: Path) -> None:
    """포장하는 동안 다른 연결도 데이터베이스에 적을 수 있습니다."""
    with closing(sqlite3.connect(database, timeout=1, isolation_level=None)) as other:
        try:
            other.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            raise Short(
                seen="첫 의자를 포장하는 동안 데이터베이스가 잠겨 있습니다.",
                why="커밋하지 않은 쓰기가 있으면 다른 컨슈머는 포장이 끝날 때까지 적지 못합니다.",
                look="포장을 마친 다음에 트랜잭션을 시작하세요.",
            ) from None


def wait_for_the_last(web: Web, successor: Process, last: str) -> None:
    """마지막 주문까지 발송할 때를 기다립니다. 한 파티션이므로 앞의 주문은 그 전에 끝납니다."""

    def shipped() -> bool:
        if not successor.running:
            raise Short(
                seen=f"다시 켠 컨슈머가 끝났습니다(종료 코드 {successor.returncode}).",
                why="이미 처리한 이벤트가 다시 와도 오류가 나지 않아야 합니다.",
                look="위에 적힌 오류가 난 줄을 보세요.",
            )
        return last in read(web)["shipments"]

    late = Short(
        seen="컨슈머를 다시 켜고 40초가 지나도 책상이 발송되지 않습니다.",
        why="죽었다가 켜진 다음에도 뒤의 주문까지 이어서 처리해야 합니다.",
        look="같은 이벤트에서 기다리거나 되풀이하는 줄이 있는지 보세요.",
    )
    wait_until(shipped, 40, late)


def check(shop: dict[str, Any], orders: list[str], position: int) -> None:
    """모두 발송했고, 재고는 발송한 만큼만 줄었습니다. `position`은 죽은 순간의 커밋입니다."""
    shipments, chairs = shop["shipments"], shop["stock"]["의자"]
    if orders[0] not in shipments and position > 0:
        raise Short(
            seen=f"첫 의자가 발송되지 않았습니다. 죽은 순간 이미 {position}까지 커밋했습니다.",
            why="커밋한 자리의 앞에 있는 이벤트는 다시 오지 않습니다.",
            look="효과가 남은 다음에 커밋하는지, 줄의 차례를 보세요.",
        )
    if orders[0] not in shipments:
        raise Short(
            seen="첫 의자의 이벤트가 다시 왔지만 발송되지 않았습니다.",
            why="처리했다는 기록이 발송보다 먼저 남으면, 그 사이에 죽었을 때 발송을 잃습니다.",
            look="기록과 발송이 함께 남는지 보세요.",
        )
    if orders[1] not in shipments:
        raise Short(
            seen="두 번째 의자가 발송되지 않았습니다.",
            why="상품이 같아도 다른 주문입니다. 다시 온 것은 이벤트의 id로 알아보아야 합니다.",
            look="이미 했는지를 무엇으로 판단하는지 보세요.",
        )
    if chairs != FULL["의자"] - PRODUCTS.count("의자"):
        twice = chairs < FULL["의자"] - PRODUCTS.count("의자")
        raise Short(
            seen=f"의자를 둘 발송했는데 재고가 {chairs}개 남았습니다. 8개여야 합니다.",
            why="다시 온 이벤트가 재고를 또 줄였습니다."
            if twice
            else "발송은 적혔지만 재고를 줄이기 전에 죽었고, 다시 왔을 때는 건너뛰었습니다.",
            look="발송과 재고가 한 트랜잭션에서 함께 바뀌는지 보세요.",
        )
    if shop["stock"] != {"의자": 8, "책상": 9} or len(shipments) != len(PRODUCTS):
        raise Short(
            seen=f"발송은 {len(shipments)}건, 재고는 {shop['stock']}입니다.",
            why="발송은 3건, 재고는 의자 8개와 책상 9개여야 합니다.",
            look="죽지 않았을 때 지나는 줄도 차례로 따라가 보세요.",
        )


@contextmanager
def broken_in_between(database: Path) -> Iterator[None]:
    """`with` 안에서는 발송과 재고 가운데 나중에 적는 것이 오류를 냅니다.

    둘을 한 트랜잭션에서 적으면 둘 다 되돌아가고, 따로 커밋하면 먼저 적은 것만 남습니다.
    """
    with closing(sqlite3.connect(database, timeout=30, isolation_level=None)) as shop:
        ((shipments,),) = shop.execute("SELECT count(*) FROM shipments")
        ((stock,),) = shop.execute("SELECT sum(quantity) FROM stock")
        for name, event, when in (
            ("late_stock", "UPDATE ON stock", f"(SELECT count(*) FROM shipments) > {shipments}"),
            (
                "late_shipment",
                "INSERT ON shipments",
                f"(SELECT sum(quantity) FROM stock) < {stock}",
            ),
        ):
            shop.execute(f"CREATE TRIGGER {name} BEFORE {event} WHEN {when} BEGIN {BREAK}; END")
    yield
    with closing(sqlite3.connect(database, timeout=30, isolation_level=None)) as shop:
        for name in ("late_stock", "late_shipment"):
            shop.execute(f"DROP TRIGGER {name}")


def check_both_or_neither(web: Web, successor: Process, last: str) -> None:
    """발송과 재고 사이에서 오류가 난 주문도, 다시 켜면 둘 다 적힙니다."""
    happens(lambda: last in read(web)["shipments"] or not successor.running, 10)
    shop = read(web)
    desks = FULL["책상"] - shop["stock"]["책상"]
    if last not in shop["shipments"]:
        raise Short(
            seen="적다가 오류가 난 주문이, 컨슈머를 다시 켠 다음에도 발송되지 않았습니다.",
            why="오류가 났는데 커밋하면 그 이벤트는 다시 오지 않습니다.",
            look="데이터베이스의 오류를 받은 다음에도 consumer.commit까지 가는지 보세요.",
        )
    if desks != 3:
        raise Short(
            seen="발송과 재고 사이에서 오류를 냈더니, 책상을 3개 발송했는데 "
            f"재고가 {desks}개 줄었습니다.",
            why="둘을 따로 커밋하면, 그 사이에 죽었을 때 하나만 남습니다.",
            look="발송과 재고가 한 트랜잭션에서 함께 바뀌는지 보세요.",
        )


def check_not_early(early: bool) -> None:
    if early:
        raise Short(
            seen="첫 의자를 아직 포장하고 있는데 발송이 적혀 있습니다.",
            why="그대로 죽어 다시 켜지 못하면, 보내지 않은 것이 보낸 것으로 남습니다.",
            look="발송은 포장을 마친 다음에 적으세요.",
        )


def write_again(servers: str, event: dict[str, str]) -> None:
    """이미 발송한 주문의 이벤트를 로그의 끝에 한 번 더 적습니다."""
    with Producer({"bootstrap.servers": servers}) as producer:
        producer.produce(TOPIC, json.dumps(event), partition=0)


def wait_for_the_next(web: Web, successor: Process, last: str) -> None:
    """두 번째로 온 이벤트의 뒤에 있는 주문이 발송되기를 기다립니다."""
    happens(lambda: last in read(web)["shipments"] or not successor.running, 20)
    if last not in read(web)["shipments"]:
        how = "멈추어 있는" if successor.running else "끝난"
        raise Short(
            seen=f"발송한 이벤트를 한 번 더 적었더니, 컨슈머가 거기에서 {how} 채입니다.",
            why="커밋하기 직전에 죽어도 이렇게 다시 옵니다. 이미 발송한 것은 지나가야 합니다.",
            look="같은 event_id를 또 적을 때 나는 오류를 어떻게 하는지 보세요.",
        )


def check_nothing_twice(shop: dict[str, Any]) -> None:
    """두 번째로 온 이벤트는 아무것도 바꾸지 않았습니다."""
    if shop["stock"] != {"의자": 8, "책상": 8} or len(shop["shipments"]) != len(PRODUCTS) + 1:
        raise Short(
            seen="끝난 주문의 이벤트를 한 번 더 적었더니, "
            f"발송은 {len(shop['shipments'])}건, 재고는 {shop['stock']}입니다.",
            why="이미 발송한 이벤트가 다시 와도 발송은 4건, 재고는 8개씩이어야 합니다.",
            look="발송을 새로 적었을 때만 재고를 줄이는지 보세요.",
        )


def check_the_commit(servers: str) -> None:
    """끝난 이벤트까지 커밋했습니다."""
    written = len(PRODUCTS) + 2
    if not happens(lambda: committed(servers) >= written, 3):
        raise Short(
            seen=f"이벤트 {written}개를 모두 끝냈는데 커밋이 {committed(servers)}입니다.",
            why="컨슈머를 다시 켤 때마다 처음부터 읽습니다. 로그가 길어질수록 오래 걸립니다.",
            look="발송을 적은 다음에 그 이벤트까지 커밋하는지 보세요.",
        )


def committed(servers: str) -> int:
    """그룹이 다음에 읽을 자리입니다."""
    with closing(Consumer({"bootstrap.servers": servers, "group.id": GROUP})) as reader:
        (position,) = reader.committed([TopicPartition(TOPIC, 0)], timeout=10)
    return max(position.offset, 0)


def read(web: Web) -> dict[str, Any]:
    body: dict[str, Any] = web.get("/shop").json()
    return body
