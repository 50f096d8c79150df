"""스팬을 프로세스마다의 줄과 막대로 바꿉니다. 사이트의 위젯(trace.js)과 같은 규칙을 씁니다."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

Json = dict[str, Any]
Kind = Literal["request", "part", "queue", "task"]

PROCESSES = {
    "browser": "브라우저",
    "web": "웹",
    "worker": "워커",
    "consumer": "컨슈머",
    "broker": "브로커",
    "mail": "메일 서버",
}
ORDER = ("browser", "web", "worker", "consumer")
ACTIONS = {
    "kill": "kill -9",
    "stop": "멈춤",
    "start": "다시 시작",
    "freeze": "얼림",
    "thaw": "녹임",
}
PARTS = {
    "fastapi.dependencies": "의존성",
    "fastapi.endpoint": "경로 처리 함수",
    "fastapi.serialization": "직렬화",
}
TASK = re.compile(r"(run|apply_async|enqueue)/(?:.*\.)?(\w+)")
EVENT = re.compile(r"(publish|consume)/(.+)")
MANY = 3
"""큐에 넣는 막대가 이보다 많으면 그리지 않습니다."""


@dataclass(frozen=True)
class Bar:
    """일 하나입니다. 시각은 첫 스팬부터 잰 밀리초입니다."""

    process: str
    label: str
    kind: Kind
    start: float
    end: float
    state: str
    """걸린 시간이나, "✕ ConnectionError"나, "끝나지 않음"입니다."""
    failed: bool
    open: bool
    """끝나지 않았으면 참이고, 그때 `end`는 끊긴 때나 그림의 끝입니다."""


@dataclass(frozen=True)
class Timeline:
    """그릴 수 있는 타임라인 하나입니다."""

    length: float
    """처음부터 끝까지의 밀리초입니다."""
    lanes: dict[str, list[Bar]]
    """프로세스의 이름과 그 막대입니다."""
    response: float | None
    """응답이 나간 때(밀리초)입니다."""
    faults: tuple[tuple[float, str], ...]
    """고장을 낸 때(밀리초)와 그 이름입니다."""

    @property
    def bars(self) -> list[Bar]:
        return [bar for lane in self.lanes.values() for bar in lane]


def process_label(name: str) -> str:
    """프로세스의 이름입니다. 예: web → 웹"""
    return PROCESSES.get(name) or re.sub(r"^worker_", "워커 ", name)


def span_label(span: Json) -> str:
    """막대에 적을 이름입니다."""
    name = str(span["name"])
    if name == "fastapi.background_task":
        return str(span["function"] or "백그라운드 태스크")
    if name in PARTS:
        return PARTS[name]
    if task := TASK.fullmatch(name):
        return task[2] if task[1] == "run" else f"큐에 넣기: {task[2]}"
    if event := EVENT.fullmatch(name):
        return f"{'이벤트 적기' if event[1] == 'publish' else '이벤트 처리'}: {event[2]}"
    return name


def duration(milliseconds: float) -> str:
    """사람이 읽는 시간입니다. 예: 3.21초, 25 ms"""
    if milliseconds >= 1000:
        return f"{milliseconds / 1000:.2f}초"
    return f"{milliseconds:.1f} ms" if milliseconds < 10 else f"{milliseconds:.0f} ms"


def is_task(span: Json) -> bool:
    return bool(span["name"] == "fastapi.background_task" or span["kind"] == "CONSUMER")


def kind_of(span: Json, known: set[tuple[str, str]]) -> Kind:
    """막대의 종류입니다. `known`은 (프로세스, 스팬의 id)이고, 부모가 거기에 없으면 요청입니다."""
    if is_task(span):
        return "task"
    if span["kind"] == "PRODUCER":
        return "queue"
    return "part" if (span["process"], span["parent_id"]) in known else "request"


def timeline_of(trace: Json, parts: bool = False) -> Timeline | None:
    """추적이나 기록의 타임라인입니다. 스팬이 없으면 None입니다.

    `parts`가 거짓이면 요청의 부분(의존성, 직렬화)을 뺍니다.
    """
    spans = sorted(trace["spans"], key=lambda span: span["start"])
    if not spans:
        return None
    first = spans[0]
    faults = [
        fault
        for fault in trace["faults"]
        if fault["program"] == first["program"] and fault["time"] >= first["start"]
    ]
    marks = [span["end"] or span["start"] for span in spans] + [fault["time"] for fault in faults]
    last = max(*marks, first["start"] + 0.1)
    ids = {(span["process"], span["span_id"]) for span in spans}
    lanes: dict[str, list[Bar]] = {}
    for process in in_order(span["process"] for span in spans):
        own = [(span, kind_of(span, ids)) for span in spans if span["process"] == process]
        lanes[process] = [
            bar_of(span, kind, first["start"], last, faults)
            for span, kind in own
            if kind != "part" or (parts and span["name"] in PARTS)
        ]
    if sum(bar.kind == "queue" for lane in lanes.values() for bar in lane) > MANY:
        lanes = {name: [b for b in lane if b.kind != "queue"] for name, lane in lanes.items()}
    request = next((span for span in spans if span["kind"] == "SERVER"), None)
    ended = request and request["end"]
    return Timeline(
        length=last - first["start"],
        lanes={name: lane for name, lane in lanes.items() if lane},
        response=ended - first["start"] if ended else None,
        faults=tuple(
            (
                fault["time"] - first["start"],
                f"{process_label(fault['process'])} {ACTIONS.get(fault['action'], '')}",
            )
            for fault in faults
        ),
    )


def in_order(processes: Iterable[str]) -> list[str]:
    """브라우저, 웹, 워커, 컨슈머, 나머지의 차례입니다."""
    seen = dict.fromkeys(processes)
    return sorted(seen, key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER))


def bar_of(span: Json, kind: Kind, start: float, last: float, faults: list[Json]) -> Bar:
    is_open = span["end"] is None
    failed = not is_open and (span["status"] == "ERROR" or bool(span["error"]))
    end = died_at(span, faults) or last if is_open else span["end"]
    took = duration(end - span["start"])
    state = "끝나지 않음" if is_open else f"✕ {span['error'] or '실패'}" if failed else took
    return Bar(
        process=span["process"],
        label=span_label(span),
        kind=kind,
        start=span["start"] - start,
        end=end - start,
        state=state,
        failed=failed,
        open=is_open,
    )


def died_at(span: Json, faults: list[Json]) -> float | None:
    """스팬을 실행하던 프로세스가 죽은 때입니다."""
    times = [
        float(fault["time"])
        for fault in faults
        if fault["process"] == span["process"]
        and fault["action"] in ("kill", "stop")
        and fault["time"] >= span["start"]
    ]
    return min(times, default=None)
