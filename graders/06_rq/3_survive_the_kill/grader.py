"""태스크가 Redis에 쓴 직후에, 태스크를 실행하는 자식을 kill -9로 죽입니다.

처음 쓴 것이 포인트가 아니면 다른 달에 한 번 더, 포인트를 쓴 직후에 죽입니다.
"""

import sys
from typing import Any

import psutil
from redis import Redis

from lab.checking import Answer, Process, Short, Web, happens
from lab.checking.middle import Middle

MONTH, NEXT = "2026-04", "2026-05"
MEMBERS = ("하나", "두리", "세나")
ENDED = ("finished", "failed", "scheduled", "stopped", "canceled")


def grade(answer: Answer) -> None:
    if sys.platform == "win32":
        raise Short(
            seen="Windows의 RQ 워커는 자식 프로세스 없이 태스크를 실행합니다.",
            why="이 연습은 자식만 죽입니다. 죽일 자식이 없으므로 확인할 수 없습니다.",
            look="WSL에서 확인하거나, 답의 보기를 읽고 다음 연습으로 넘어가세요.",
        )
    with (
        answer.redis() as broker,
        Middle(broker) as middle,
        answer.rq_worker(STEP_SECONDS="0.2", REDIS_URL=middle.url) as worker,
        answer.web() as web,
    ):
        start(web, broker.client, MONTH, middle)
        paid = kill_after_the_write(web, worker, middle, MONTH)
        check(wait_for_the_end(worker, web, MONTH), paid, middle.written)
        if key(MONTH) not in middle.last:
            start(web, broker.client, NEXT, middle, key(NEXT))
            kill_after_the_write(web, worker, middle, NEXT)
            check_paid_once(wait_for_the_end(worker, web, NEXT), middle.written)


def key(month: str) -> bytes:
    return f"points:{month}".encode()


def start(web: Web, redis: Redis, month: str, middle: Middle, text: bytes = b"") -> None:
    """포인트를 맡깁니다. 태스크가 `text`가 든 것을 쓰면 붙잡습니다."""
    middle.hold(text)
    web.post(f"/points/{month}")
    if not happens(lambda: redis.exists(f"rq:job:{month}"), 2):
        raise Short(
            seen=f"포인트를 맡겼는데 id가 {month!r}인 태스크가 큐에 없습니다.",
            why="한 달에 한 번만 나누어 주도록, 달의 이름이 태스크의 id입니다.",
            look="start_points가 job_id로 달의 이름을 넘기는지 보세요.",
        )


def kill_after_the_write(web: Web, worker: Process, middle: Middle, month: str) -> dict[str, str]:
    """쓴 직후에 자식을 죽이고, 그때까지 받은 포인트를 돌려줍니다."""
    late = Short(
        seen="포인트를 맡기고 40초가 지나도 태스크가 Redis에 쓴 것이 없습니다.",
        why="나누어 주는 도중에 죽여야 확인할 수 있습니다.",
        look="give_points가 포인트를 쓰는 줄까지 가는지 보세요.",
    )
    worker.wait_for(lambda: middle.held or read(web, month)["status"] in ENDED, 40, late)
    if not middle.held:
        raise Short(
            seen="태스크가 Redis에 아무것도 쓰지 않고 "
            f"{read(web, month)['status']!r}(으)로 끝났습니다.",
            why=f"받은 포인트는 Redis의 'points:{month}'에 있어야 합니다.",
            look="give_points가 포인트를 쓰는 줄까지 가는지 보세요.",
        )
    horses = worker.children()
    for horse in horses:
        horse.kill()
    psutil.wait_procs(horses, timeout=5)
    middle.let_go()
    points: dict[str, str] = read(web, month)["points"]
    return points


def read(web: Web, month: str) -> dict[str, Any]:
    body: dict[str, Any] = web.get(f"/points/{month}").json()
    return body


def wait_for_the_end(worker: Process, web: Web, month: str) -> dict[str, Any]:
    """더는 저절로 바뀌지 않을 때의 상태입니다."""

    def ended() -> dict[str, Any] | None:
        body = read(web, month)
        return body if body["status"] in ENDED else None

    late = Short(
        seen="자식을 죽이고 40초가 지나도 태스크가 끝나지 않습니다.",
        why="다시 실행되어 나머지 사람에게 주고 끝나야 합니다.",
        look="다시 실행될 때 끝나지 않는 반복이 있는지 보세요.",
    )
    return worker.wait_for(ended, 40, late)


def check(body: dict[str, Any], paid: dict[str, str], written: str) -> None:
    """모두 한 번씩 받았습니다. `paid`는 `written`을 쓰고 죽은 순간까지 받은 포인트입니다."""
    status, points = body["status"], body["points"]
    missing = [member for member in MEMBERS if member not in points]
    other = {name: value for name, value in points.items() if value not in ("100", "200")}
    if status == "scheduled":
        raise Short(
            seen="자식이 죽은 뒤 상태가 'scheduled'에서 멈추었습니다.",
            why="간격을 둔 재시도는 예약 목록에서 기다립니다. 거기에서 꺼낼 스케줄러가 없습니다.",
            look="간격이 없는 재시도는 큐로 바로 돌아갑니다.",
        )
    if status != "finished":
        raise Short(
            seen=f"자식이 죽은 뒤 상태가 {status!r}이고, 받지 못한 사람이 {len(missing)}명입니다.",
            why="다시 하라는 말이 없으면 RQ는 실패로 적고 그만둡니다.",
            look="enqueue의 인자를 보세요.",
        )
    if "200" in points.values():
        raise Short(
            seen=f"'{written}' 직후에 죽었더니 두 번 받은 사람이 있습니다: {twice(points)}",
            why="다시 실행된 태스크는 첫 사람부터 또 줍니다. 준 것을 나중에 적어도 마찬가지입니다.",
            look="이미 받은 칸에 다시 써도 값이 변하지 않게 하세요.",
        )
    if other:
        name, value = next(iter(other.items()))
        raise Short(
            seen=f"'{written}' 직후에 죽었더니, 다시 실행된 뒤에도 {name}의 칸이 {value!r}입니다.",
            why="칸을 먼저 만들고 나중에 주면, 그 사이에 죽었을 때 받지 못한 채로 남습니다.",
            look="칸을 만드는 것과 100을 주는 것이 한 번의 쓰기가 되게 하세요.",
        )
    if missing and paid and points == paid:
        raise Short(
            seen=f"다시 실행되었지만 {len(paid)}명이 받은 것을 보고 나머지를 건너뛰었습니다.",
            why="일부가 받았다고 모두 받은 것은 아닙니다.",
            look="받았는지를 사람마다 따로 보세요.",
        )
    if missing:
        raise Short(
            seen=f"'{written}' 직후에 죽었더니, 다시 실행되어 끝났는데도 "
            f"받지 못한 사람이 {len(missing)}명 있습니다.",
            why="주기 전에 주었다고 적으면, 그 사이에 죽었을 때 그 사람은 영영 받지 못합니다.",
            look="적는 것과 주는 것이 한 번의 쓰기가 되게 하세요.",
        )


def check_paid_once(body: dict[str, Any], written: str) -> None:
    """준 다음, 주었다고 적기 전에 죽어도 한 번씩 받았습니다."""
    if names := twice(body["points"]):
        raise Short(
            seen=f"'{written}' 직후, 주었다고 적기 전에 죽었더니 두 번 받았습니다: {names}",
            why="주었다는 것을 따로 적으면, 준 다음 적기 전에 죽었을 때 또 줍니다.",
            look="적는 것과 주는 것이 한 번의 쓰기가 되게 하세요.",
        )
    check(body, {}, written)


def twice(points: dict[str, str]) -> str:
    return ", ".join(name for name, value in points.items() if value == "200")
