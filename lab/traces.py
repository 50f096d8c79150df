"""추적을 메모리에 모아 두고, 보고 있는 화면에 알립니다. 디스크에는 아무것도 쓰지 않습니다."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from typing import Any

from lab.telemetry import Span

MAX_TRACES = 500
"""기억하는 추적의 수입니다. 넘으면 가장 오래된 것부터 잊습니다."""
MAX_SPANS = 2000
"""추적 하나에서 기억하는 스팬의 수입니다. 넘는 것은 버립니다."""
MAX_FAULTS = 200
MAX_WAITING = 4000
"""느린 화면 하나에 밀려 있을 수 있는 알림의 수입니다. 넘으면 버리고 몇 개였는지 알립니다."""

Event = tuple[str, dict[str, Any]]
"""알림의 이름("span", "fault", "lost")과 내용입니다."""


@dataclass(eq=False)
class Subscription:
    """화면 하나가 보고 있는 것입니다. `trace`와 `program`이 None이면 모두 봅니다."""

    trace: str | None
    program: str | None
    waiting: asyncio.Queue[Event] = field(default_factory=lambda: asyncio.Queue(MAX_WAITING))
    lost: int = 0

    def wants(self, name: str, data: dict[str, Any]) -> bool:
        """이 알림을 보여 주어야 하면 참입니다. 고장은 어느 추적에서나 보입니다."""
        if self.trace is not None and name == "span" and data["trace_id"] != self.trace:
            return False
        return self.program is None or data["program"] == self.program

    def offer(self, event: Event) -> None:
        """알림을 줄에 세웁니다. 줄이 꽉 찼으면 버리고 셉니다."""
        try:
            self.waiting.put_nowait(event)
        except asyncio.QueueFull:
            self.lost += 1


class TraceStore:
    """최근 추적과 고장의 기록입니다. 이벤트 루프 하나에서만 씁니다."""

    def __init__(self) -> None:
        self._traces: OrderedDict[str, OrderedDict[str, Span]] = OrderedDict()
        self._faults: list[dict[str, Any]] = []
        self._subscriptions: set[Subscription] = set()

    def add_spans(self, spans: Iterable[Span]) -> None:
        """스팬을 기록하고 알립니다. 같은 스팬이 다시 오면 끝난 쪽을 남깁니다."""
        for span in spans:
            trace = self._traces.setdefault(span.trace_id, OrderedDict())
            known = trace.get(span.span_id)
            if known is None and len(trace) >= MAX_SPANS:
                continue
            if known is not None and known.end is not None:
                continue  # 시작을 알리는 스팬이 늦게 온 것입니다.
            trace[span.span_id] = span
            self._publish("span", span.as_dict())
        while len(self._traces) > MAX_TRACES:
            self._traces.popitem(last=False)

    def add_fault(self, fault: dict[str, Any]) -> None:
        """고장 하나를 기록하고 알립니다."""
        self._faults = [*self._faults[-MAX_FAULTS + 1 :], fault]
        self._publish("fault", fault)

    def _publish(self, name: str, data: dict[str, Any]) -> None:
        for subscription in self._subscriptions:
            if subscription.wants(name, data):
                subscription.offer((name, data))

    def snapshot(self, trace_id: str) -> dict[str, Any] | None:
        """추적 하나의 스팬과, 그동안의 고장입니다. 모르는 추적이면 None입니다."""
        trace = self._traces.get(trace_id)
        if not trace:
            return None
        spans = sorted((span.as_dict() for span in trace.values()), key=lambda span: span["start"])
        programs = {span["program"] for span in spans}
        first = spans[0]["start"]
        faults = [
            fault
            for fault in self._faults
            if fault["program"] in programs and fault["time"] >= first
        ]
        return {"trace_id": trace_id, "spans": spans, "faults": faults}

    async def events(
        self, trace: str | None = None, program: str | None = None
    ) -> AsyncIterator[Event]:
        """이미 아는 것부터 차례로 알리고, 새로 일어나는 일을 계속 알립니다."""
        subscription = Subscription(trace, program)
        for known in self._traces.values():
            for span in known.values():
                if subscription.wants("span", span.as_dict()):
                    subscription.offer(("span", span.as_dict()))
        self._subscriptions.add(subscription)
        try:
            while True:
                yield await subscription.waiting.get()
                if subscription.lost:
                    lost, subscription.lost = subscription.lost, 0
                    yield ("lost", {"count": lost})
        finally:
            self._subscriptions.discard(subscription)
