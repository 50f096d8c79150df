"""결제와 영수증 사이에 워커를 kill -9로 죽이고, 새 워커가 무엇을 남기는지 봅니다."""

from typing import Any

from redis import Redis

from lab.checking import Answer, Process, Short, Web, happens

ORDER = "order-1"
# 자식에서 실행하는 워커만 확인 응답을 시작할 때 보낼 수 있습니다. 미리 가져가지 않아야, 새 워커가
# 큐에 돌려놓은 메시지를 죽을 워커가 꺼내다가 잃지 않습니다.
IN_A_CHILD = ("--concurrency", "1", "--prefetch-multiplier", "1")
RECEIVED = "received"
FINISHED = "succeeded in"
RAISED = "raised unexpected"
LOCK = "unacked_mutex"
"""워커가 잃은 메시지를 찾는 동안 쥐는 잠금입니다."""


def grade(answer: Answer) -> None:
    with (
        answer.redis() as broker,
        answer.celery_worker(*IN_A_CHILD, WORK_SECONDS="60") as worker,
        answer.web() as web,
    ):
        web.post(f"/orders/{ORDER}")
        wait_until_received(worker, broker.client)
        # 새 워커는 준비하는 데 오래 걸리므로 죽이기 전에 켭니다. 남은 메시지는 1초 뒤에 받습니다.
        soon = {"WORK_SECONDS": "0", "VISIBILITY_TIMEOUT": "1"}
        with answer.celery_worker(*IN_A_CHILD, **soon) as successor:
            kill_in_the_middle(web, worker, broker.client)
            check_the_message_is_left(broker.client, successor)
            check_the_order(web, successor)


def wait_until_received(worker: Process, redis: Redis) -> None:
    unsent = Short(
        seen="주문을 보냈지만 워커가 태스크를 받지 않았습니다.",
        why="POST /orders/{order_id}는 결제를 워커에 맡겨야 합니다.",
        look="create_order가 태스크를 큐에 넣는지 보세요.",
    )
    if not happens(lambda: is_left(redis) or RECEIVED in worker.output, 3):
        raise unsent
    worker.wait_output(RECEIVED, 40, unsent)


def kill_in_the_middle(web: Web, worker: Process, redis: Redis) -> None:
    """앞의 일을 마칠 때까지 기다렸다가 워커를 죽입니다."""
    happens(lambda: read(web)["charges"], 2)  # 결제를 나중에 하는 답도 있습니다.
    happens(lambda: not is_left(redis), 1)  # 확인 응답을 먼저 보냈다면 지금 도착합니다.
    worker.kill()
    redis.delete(LOCK)  # 쥔 채로 죽었으면 새 워커가 5분 동안 메시지를 찾지 못합니다.


def is_left(redis: Redis) -> bool:
    """메시지가 브로커에 남아 있으면 참입니다."""
    return bool(redis.llen("celery") or redis.keys("*unacked"))


def check_the_message_is_left(redis: Redis, successor: Process) -> None:
    """확인 응답을 보내지 않은 메시지는 브로커에 남아 있거나, 새 워커가 받았습니다."""
    # 새 워커가 꺼내는 순간에는 브로커에 없고, 받았다는 로그도 아직 나오지 않았습니다.
    if not happens(lambda: is_left(redis) or RECEIVED in successor.output, 3):
        raise Short(
            seen="워커가 죽은 순간 브로커에 남은 메시지가 0개입니다.",
            why="메시지는 태스크를 시작할 때 이미 지워졌습니다. 새 워커가 이어받을 것이 없습니다.",
            look="확인 응답을 언제 보내는지 정하는 태스크의 설정을 찾으세요.",
        )


def check_the_order(web: Web, successor: Process) -> None:
    """새 워커가 다시 실행한 뒤에 영수증이 있고 결제는 한 번입니다."""
    late = Short(
        seen="새 워커를 켜고 40초가 지나도 그 태스크를 끝내지 못했습니다.",
        why="다시 배달된 태스크도 끝까지 실행되어야 합니다.",
        look="다시 실행될 때 끝나지 않는 반복이나 기다리기만 하는 줄이 있는지 보세요.",
    )
    ends = (FINISHED, RAISED)
    successor.wait_for(lambda: any(end in successor.output for end in ends), 40, late)
    if FINISHED not in successor.output:
        raise Short(
            seen="새 워커가 그 태스크를 다시 실행했지만 예외로 끝났습니다.",
            why="다시 배달된 태스크도 끝까지 실행되어야 합니다.",
            look="이미 결제한 주문으로 다시 실행될 때 예외를 내는 줄이 있는지 보세요.",
        )
    order = read(web)
    charges: dict[str, str] = order["charges"]
    if not order["receipt"]:
        raise Short(
            seen="새 워커가 그 태스크를 다시 실행했지만 영수증을 남기지 않고 끝났습니다.",
            why="결제했다고 남은 일까지 끝난 것은 아닙니다. 첫 실행은 영수증 앞에서 죽었습니다.",
            look="이미 한 일만 건너뛰고 나머지는 다시 해야 합니다.",
        )
    if len(charges) > 1:
        raise Short(
            seen=f"주문 하나에 결제가 두 줄 적혔습니다: {sorted(charges)}",
            why="태스크가 두 번 실행되었고, 실행할 때마다 키가 달라 다른 결제로 보입니다.",
            look="다시 배달되어도 변하지 않는 값이 무엇인지 찾아 키로 쓰세요.",
        )
    if list(charges.values()) != ["10000"]:
        paid = ", ".join(charges.values()) or "0"
        raise Short(
            seen=f"결제한 돈이 {paid}원입니다. 주문은 10000원입니다.",
            why="태스크는 두 번 실행되었습니다. 두 번째 실행이 앞의 값에 다시 더했습니다.",
            look="두 번 해도 결과가 같은 쓰기인지 보세요.",
        )


def read(web: Web) -> dict[str, Any]:
    body: dict[str, Any] = web.get(f"/orders/{ORDER}").json()
    return body
