"""추적을 메모리에 모아 두고, 보고 있는 화면에 알립니다. 디스크에는 아무것도 쓰지 않습니다."""

import asyncio
import json
from collections import OrderedDict, deque
from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass, field
from typing import Any

from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event

from lab.telemetry import Span

MAX_TRACES = 500
"""기억하는 추적의 수입니다. 넘으면 가장 오래된 것부터 잊습니다."""
MAX_SPANS = 2000
"""추적 하나에서 기억하는 스팬의 수입니다. 넘는 것은 버립니다."""
MAX_FAULTS = 200
MAX_WAITING = 4000
"""느린 화면 하나에 밀려 있을 수 있는 알림의 수입니다. 넘으면 버리고 몇 개였는지 알립니다."""
PAUSE_SECONDS = 0.05
"""알림을 모아 한 번에 보내는 간격(초)입니다. 보는 화면이 많아도 예제가 느려지지 않게 합니다."""
KEEPALIVE_SECONDS = 15


def encode(name: str, data: dict[str, Any]) -> bytes:
    """알림 하나를 Server-Sent Events의 모양으로 바꿉니다."""
    return format_sse_event(event=name, data_str=json.dumps(data, ensure_ascii=False))


@dataclass(eq=False)
class Subscription:
    """화면 하나가 보고 있는 것입니다. `trace`와 `program`이 None이면 모두 봅니다."""

    trace: str | None
    program: str | None
    waiting: deque[bytes] = field(default_factory=deque)
    something: asyncio.Event = field(default_factory=asyncio.Event)
    lost: int = 0

    def offer(self, trace: str | None, program: str, event: bytes) -> None:
        """보고 있는 것이면 줄에 세웁니다. 줄이 꽉 찼으면 버리고 셉니다."""
        if self.program not in (None, program):
            return
        # 고장은 추적에 속하지 않으므로(trace가 None) 어느 추적을 보든 알립니다.
        if trace is not None and self.trace not in (None, trace):
            return
        if len(self.waiting) < MAX_WAITING:
            self.waiting.append(event)
        else:
            self.lost += 1
        self.something.set()

    def take(self) -> bytes:
        """밀린 알림을 한꺼번에 꺼냅니다."""
        if self.lost:
            self.waiting.append(encode("lost", {"count": self.lost}))
        chunk = b"".join(self.waiting)
        self.waiting.clear()
        self.lost = 0
        self.something.clear()
        return chunk


class TraceStore:
    """최근 추적과 고장의 기록입니다. 이벤트 루프 하나에서만 씁니다."""

    def __init__(self) -> None:
        self._traces: OrderedDict[str, OrderedDict[str, Span]] = OrderedDict()
        self._faults: deque[dict[str, Any]] = deque(maxlen=MAX_FAULTS)
        self._subscriptions: set[Subscription] = set()
        self._closed = False

    def close(self) -> None:
        """보고 있는 화면에 남은 알림을 보내고 끊습니다."""
        self._closed = True
        for subscription in self._subscriptions:
            subscription.something.set()

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
            self._publish(span.trace_id, span.program, "span", span.as_dict())
        while len(self._traces) > MAX_TRACES:
            self._traces.popitem(last=False)

    def add_fault(self, fault: dict[str, Any]) -> None:
        """고장 하나를 기록하고 알립니다."""
        self._faults.append(fault)
        self._publish(None, fault["program"], "fault", fault)

    def _publish(self, trace: str | None, program: str, name: str, data: dict[str, Any]) -> None:
        if self._subscriptions:
            event = encode(name, data)
            for subscription in self._subscriptions:
                subscription.offer(trace, program, event)

    def snapshot(self, trace_id: str) -> dict[str, Any] | None:
        """추적 하나의 스팬과, 그동안의 고장입니다. 모르는 추적이면 None입니다."""
        trace = self._traces.get(trace_id)
        if not trace:
            return None
        spans = sorted((span.as_dict() for span in trace.values()), key=lambda span: span["start"])
        return {"trace_id": trace_id, "spans": spans, "faults": self._faults_of(trace_id)}

    def _faults_of(self, trace_id: str | None) -> list[dict[str, Any]]:
        """추적이 시작된 뒤 그 프로그램에 낸 고장입니다. None이면 모든 고장입니다."""
        if trace_id is None:
            return list(self._faults)
        spans = self._traces.get(trace_id, OrderedDict()).values()
        programs = {span.program for span in spans}
        first = min((span.start for span in spans), default=0)
        return [f for f in self._faults if f["program"] in programs and f["time"] >= first]

    def _known(self, trace: str | None, program: str | None) -> list[Span]:
        """화면이 볼 스팬입니다. 너무 많으면 새것만 남깁니다."""
        spans: Iterable[Span]
        if trace is None:
            spans = (span for known in self._traces.values() for span in known.values())
        else:
            spans = self._traces.get(trace, OrderedDict()).values()
        newest = deque(
            (span for span in spans if program in (None, span.program)), MAX_WAITING - MAX_FAULTS
        )
        return list(newest)

    async def events(
        self, trace: str | None = None, program: str | None = None
    ) -> AsyncGenerator[bytes]:
        """이미 아는 것을 먼저 알리고, 새로 일어나는 일을 모아서 계속 알립니다."""
        subscription = Subscription(trace, program)
        for span in self._known(trace, program):
            subscription.offer(span.trace_id, span.program, encode("span", span.as_dict()))
        for fault in self._faults_of(trace):
            subscription.offer(None, fault["program"], encode("fault", fault))
        self._subscriptions.add(subscription)
        try:
            while not self._closed:
                try:
                    async with asyncio.timeout(KEEPALIVE_SECONDS):
                        await subscription.something.wait()
                except TimeoutError:
                    yield KEEPALIVE_COMMENT
                else:
                    yield subscription.take()
                    await asyncio.sleep(PAUSE_SECONDS)
        finally:
            self._subscriptions.discard(subscription)
