"""첫 사람이 받은 다음 태스크를 실행하는 자식을 kill -9로 죽이고, 누가 얼마를 받았는지 봅니다."""

import sys
from typing import Any

import psutil
from redis import Redis

from lab.checking import Answer, Process, Short, Web, happens
from lab.checking.verdict import Trouble

MONTH = "2026-04"
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
        answer.rq_worker(STEP_SECONDS="0.5") as worker,
        answer.web() as web,
    ):
        web.post(f"/points/{MONTH}")
        paid = kill_in_the_middle(broker.client, worker)
        check(wait_for_the_end(worker, web), paid)


def kill_in_the_middle(redis: Redis, worker: Process) -> int:
    """첫 사람이 받으면 자식을 죽이고, 그때까지 받은 사람의 수를 돌려줍니다."""
    late = Short(
        seen="포인트를 맡기고 40초가 지나도 워커가 태스크를 시작하지 않습니다.",
        why="나누어 주는 도중에 죽여야 확인할 수 있습니다.",
        look="start_points가 달의 이름을 id로 태스크를 넣는지 보세요.",
    )
    if not happens(lambda: redis.exists(f"rq:job:{MONTH}"), 2):
        raise Short(
            seen=f"포인트를 맡겼는데 id가 {MONTH!r}인 태스크가 큐에 없습니다.",
            why="한 달에 한 번만 나누어 주도록, 달의 이름이 태스크의 id입니다.",
            look="start_points가 job_id로 달의 이름을 넘기는지 보세요.",
        )
    worker.wait_for(lambda: redis.hget(f"rq:job:{MONTH}", "status") == "started", 40, late)
    happens(lambda: redis.hlen(f"points:{MONTH}"), 1.2)  # 끝에 한꺼번에 주는 답도 있습니다.
    horses = worker.children()
    for horse in horses:
        horse.kill()
    psutil.wait_procs(horses, timeout=5)
    paid: int = redis.hlen(f"points:{MONTH}")
    if paid == len(MEMBERS):
        raise Trouble("컴퓨터가 바빠 도중에 죽이지 못했습니다. 다시 확인하세요")
    return paid


def wait_for_the_end(worker: Process, web: Web) -> dict[str, Any]:
    """더는 저절로 바뀌지 않을 때의 상태입니다."""

    def ended() -> dict[str, Any] | None:
        body: dict[str, Any] = web.get(f"/points/{MONTH}").json()
        return body if body["status"] in ENDED else None

    late = Short(
        seen="자식을 죽이고 40초가 지나도 태스크가 끝나지 않습니다.",
        why="다시 실행되어 나머지 사람에게 주고 끝나야 합니다.",
        look="다시 실행될 때 끝나지 않는 반복이 있는지 보세요.",
    )
    return worker.wait_for(ended, 40, late)


def check(body: dict[str, Any], paid: int) -> None:
    """모두 한 번씩 받았습니다."""
    status, points = body["status"], body["points"]
    missing = [member for member in MEMBERS if member not in points]
    twice = [member for member in MEMBERS if points.get(member, "100") != "100"]
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
    if twice:
        raise Short(
            seen=f"두 번 받은 사람이 있습니다: {', '.join(twice)}",
            why="다시 실행된 태스크는 첫 사람부터 또 줍니다.",
            look="이미 받은 칸에 다시 써도 값이 변하지 않게 하세요.",
        )
    if missing and len(points) == paid:
        raise Short(
            seen=f"다시 실행되었지만 {paid}명이 받은 것을 보고 나머지를 건너뛰었습니다.",
            why="일부가 받았다고 모두 받은 것은 아닙니다.",
            look="받았는지를 사람마다 따로 보세요.",
        )
    if missing:
        raise Short(
            seen=f"다시 실행되어 끝났는데 받지 못한 사람이 {len(missing)}명 있습니다.",
            why="주기 전에 주었다고 적으면, 그 사이에 죽었을 때 그 사람은 영영 받지 못합니다.",
            look="적는 것과 주는 것이 한 번의 쓰기가 되게 하세요.",
        )
