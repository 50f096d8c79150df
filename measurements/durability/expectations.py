"""칸마다 무엇이 0이어야 하고 무엇이 0이 아니어야 하는가. 개수의 크기는 보지 않습니다."""

from collections.abc import Mapping
from typing import Any

KEEPS = ("celery_redis", "celery_rabbitmq", "rq_retry", "kafka")
"""이 과정이 권하는 설정입니다. 브로커의 데이터가 남아 있으면 아무것도 잃지 않아야 합니다."""
FORGETS = "broker_wiped"
"""데이터를 지운 브로커는 큐에 있던 것을 잃습니다. 어떤 설정도 이것을 견딘다고 하지 않습니다."""
LOST = "lost"
UNDONE = ("lost", "left")
SEEN = {
    ("background_tasks", "sigterm_web"): ("none", UNDONE),
    ("background_tasks", "sigkill_web"): ("some", (LOST,)),
    ("create_task", "sigterm_web"): ("some", (LOST,)),
    ("create_task", "sigkill_web"): ("some", (LOST,)),
    ("celery_default", "sigkill_child"): ("some", (LOST,)),
    ("celery_default", "sigkill_worker"): ("some", UNDONE),
    ("rq_default", "sigkill_child"): ("some", UNDONE),
    # 죽은 순간에 태스크를 실행하고 있지 않았다면 잃을 것이 없습니다.
    ("rq_default", "sigkill_worker"): ("any", ()),
    # Redis가 죽을 때 큐에서 꺼내던 메시지는 큐에도 꺼낸 목록에도 없을 수 있습니다.
    ("celery_redis", "broker_kept"): ("any", ()),
    # RQ의 스케줄러는 Redis가 없으면 죽으므로, 다시 하기로 한 태스크가 남을 수 있습니다.
    # 함정: scheduler_dies_with_redis
    ("rq_retry", "broker_kept"): ("none", (LOST,)),
    # 브로커가 멈춘 동안 진행 상황을 적지 못한 태스크는 제한 시간을 넘겨 FAILURE로 끝납니다.
    ("celery_redis", "broker_silent"): ("any", ()),
}
"""방법과 고장, 그리고 없어야("none") 하거나 있어야("some") 하는 개수의 이름입니다."""
MAY_LOSE = {
    ("celery_default", "broker_kept"),
    ("celery_default", "broker_silent"),
    # 워커가 꺼내고 아직 적지 않은 메시지는 워커나 Redis와 함께 사라집니다.
    ("celery_redis", "sigkill_worker"),
    ("celery_redis", "broker_kept"),
    ("celery_redis", "broker_silent"),
    ("rq_default", "sigkill_worker"),
    ("rq_default", "broker_kept"),
    ("rq_default", "broker_silent"),
}
"""이번에는 잃지 않았어도, 고장이 난 순간에 하던 일에 따라 잃을 수 있는 칸입니다."""
NAMES = {"lost": "유실", "left": "남음"}


def complaints(row: Mapping[str, Any]) -> list[str]:
    """표의 한 줄이 기대와 다른 점입니다."""
    wrong = []
    acknowledged = row["acknowledged"]
    if row["once"] + row["twice"] + row["left"] + row["lost"] != acknowledged:
        wrong.append("한 번, 두 번 이상, 남음, 유실을 더해도 응답을 받은 것이 되지 않습니다")
    if row["submitted"] < acknowledged + row["done_without_answer"]:
        wrong.append("보낸 것보다 실행된 것이 많습니다")
    wanted, names = expected(*row["cell"].split("-"))
    total = sum(row[name] for name in names)
    told = ", ".join(f"{NAMES[name]} {row[name]}" for name in names)
    if wanted == "none" and total:
        wrong.append(f"모두 실행되어야 하는데 그러지 않았습니다({told})")
    if wanted == "some" and not total:
        wrong.append(f"실행되지 않은 것이 있어야 하는데 없습니다({told})")
    return [f"{row['way']}, {row['fault']}: {each}" for each in wrong]


def expected(way: str, fault: str) -> tuple[str, tuple[str, ...]]:
    """그 칸에 없어야 하거나 있어야 하는 개수입니다. 정해 두지 않은 칸은 "any"입니다."""
    if (way, fault) in SEEN:
        return SEEN[way, fault]
    if fault == FORGETS:
        return "some", (LOST,)
    return ("none", UNDONE) if way in KEEPS else ("any", ())
