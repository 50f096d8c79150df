"""일곱 가지 고장과, 그 고장을 낼 수 없는 방법."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from measurements.durability.nemesis import Nemesis
from measurements.durability.ways import Way


@dataclass(frozen=True)
class Fault:
    """고장 하나입니다."""

    name: str
    title: str
    inject: Callable[[Nemesis], Awaitable[None]]
    not_for: Callable[[Way], str | None]
    """이 방법에는 낼 수 없는 고장이면 그 까닭입니다."""


def anyone(way: Way) -> str | None:
    """모든 방법에 낼 수 있습니다."""
    return None


def needs_children(way: Way) -> str | None:
    """태스크를 자식 프로세스에서 실행해야 합니다."""
    if way.worker == "consumer":
        return "컨슈머에는 자식이 없습니다"
    return None if way.worker else "워커가 따로 없습니다"


def needs_worker(way: Way) -> str | None:
    """태스크를 실행하는 프로세스가 따로 있어야 합니다."""
    return None if way.worker else "웹이 곧 워커입니다. 웹의 SIGKILL을 보세요"


def needs_broker(way: Way) -> str | None:
    """브로커가 있어야 합니다."""
    return None if way.broker else "브로커가 없습니다"


def needs_files(way: Way) -> str | None:
    """파일에 남기는 브로커가 있어야 합니다."""
    if way.broker and not way.broker.folder:
        return "연습용 브로커는 메모리에만 적습니다"
    return needs_broker(way)


FAULTS = (
    Fault("sigterm_web", "웹에 SIGTERM", lambda n: n.terminate("web"), anyone),
    Fault("sigkill_web", "웹에 SIGKILL", lambda n: n.kill("web"), anyone),
    Fault("sigkill_child", "자식에 SIGKILL", Nemesis.kill_children, needs_children),
    Fault("sigkill_worker", "워커에 SIGKILL", Nemesis.kill_worker, needs_worker),
    Fault(
        "broker_wiped",
        "브로커 재시작, 데이터 없이",
        lambda n: n.restart_broker(keep=False),
        needs_files,
    ),
    Fault(
        "broker_kept",
        "브로커 재시작, 데이터 있이",
        lambda n: n.restart_broker(keep=True),
        needs_files,
    ),
    Fault("broker_silent", "답하지 않는 브로커", Nemesis.silence_broker, needs_broker),
)


def name_of(way: Way, fault: Fault) -> str:
    """칸의 이름이자, 이력을 적는 파일의 이름입니다."""
    return f"{way.name}-{fault.name}"
