"""추적: 받은 스팬을 읽고, 한도 안에서 기억하고, 보는 사람마다 나누어 알립니다."""

import asyncio
import gzip
import json
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from lab.telemetry import (
    LONGEST_TEXT,
    MAX_BODY_BYTES,
    InvalidTelemetryError,
    Span,
    decompress,
    parse,
)
from lab.traces import MAX_SPANS, MAX_TRACES, MAX_WAITING, TraceStore


def span(
    name: str = "task",
    *,
    trace: str = "a" * 32,
    number: int = 1,
    end: float | None = 2,
    program: str = "01_basic",
) -> Span:
    return Span(
        trace_id=trace,
        span_id=f"{number:016x}",
        parent_id=None,
        name=name,
        kind="INTERNAL",
        program=program,
        process="web",
        pid=1,
        start=1,
        end=end,
        status="UNSET",
        code=None,
        error=None,
        function=None,
    )


def exported(count: int) -> bytes:
    """스팬 `count`개가 든 OTLP 본문입니다."""
    request = ExportTraceServiceRequest()
    scope = request.resource_spans.add().scope_spans.add()
    for number in range(count):
        scope.spans.add(
            trace_id=b"\1" * 16,
            span_id=number.to_bytes(8, "big"),
            name="POST /run/01_basic/items",
            start_time_unix_nano=1_000_000_001_000,
        )
    body: bytes = request.SerializeToString()
    return body


def events_in(chunk: bytes) -> list[tuple[str, dict[str, Any]]]:
    """Server-Sent Events에서 알림의 이름과 내용을 읽습니다."""
    fields = (dict(line.split(": ", 1) for line in event.splitlines()) for event in blocks(chunk))
    return [(each["event"], json.loads(each["data"])) for each in fields]


def blocks(chunk: bytes) -> list[str]:
    return [block for block in chunk.decode().split("\n\n") if block]


def test_a_span_without_an_end_is_still_open() -> None:
    ((found,), rejected) = parse(exported(1), limit=10)

    assert rejected == 0
    assert (found.start, found.end) == (1_000_000.001, None)


def test_a_body_with_a_hundred_thousand_spans_is_cut_and_the_rest_counted() -> None:
    spans, rejected = parse(exported(100_000), limit=MAX_SPANS)

    assert (len(spans), rejected) == (MAX_SPANS, 100_000 - MAX_SPANS)


def test_what_is_not_protobuf_is_refused() -> None:
    with pytest.raises(InvalidTelemetryError, match="OTLP protobuf 본문이 아닙니다"):
        parse(b"not protobuf", limit=1)


def test_a_broken_or_exploding_gzip_is_refused() -> None:
    with pytest.raises(InvalidTelemetryError, match="gzip을 풀지 못했습니다"):
        decompress(b"not gzip", "gzip")
    with pytest.raises(InvalidTelemetryError, match="보다 큽니다"):
        decompress(gzip.compress(bytes(MAX_BODY_BYTES + 1)), "gzip")
    with pytest.raises(InvalidTelemetryError, match="중간에 끊겼습니다"):
        decompress(gzip.compress(b"spans")[:-1], "gzip")
    assert decompress(gzip.compress(b"spans"), "gzip") == b"spans"


def test_a_span_cannot_fill_the_memory_with_its_ids_or_numbers() -> None:
    request = ExportTraceServiceRequest()
    spans = request.resource_spans.add().scope_spans.add().spans
    for trace, number in [(b"", b""), (b"t" * 17, b"s" * 8), (b"t" * 16, b"s" * 9)]:
        spans.add(trace_id=trace, span_id=number)
    kept = spans.add(trace_id=b"t" * 16, span_id=b"s" * 8, parent_span_id=b"p" * 1000)
    for key in ("process.pid", "http.response.status_code"):
        kept.attributes.add(key=key).value.string_value = "x" * 1000

    ((found,), rejected) = parse(request.SerializeToString(), limit=10)

    assert rejected == 3
    assert (found.pid, found.code, found.parent_id) == (None, None, (b"p" * 8).hex())


def test_the_end_of_a_span_replaces_its_start_and_never_the_other_way_round() -> None:
    store = TraceStore()
    for end in (None, 2.0, None):
        store.add_spans([span(end=end)])

    snapshot = store.snapshot("a" * 32)
    assert snapshot is not None
    assert [each["end"] for each in snapshot["spans"]] == [2.0]


def test_traces_and_spans_are_kept_within_their_bounds() -> None:
    store = TraceStore()
    store.add_spans(span(number=number) for number in range(MAX_SPANS + 10))
    snapshot = store.snapshot("a" * 32)
    assert snapshot is not None
    assert len(snapshot["spans"]) == MAX_SPANS

    store.add_spans(span(trace=f"{number:032x}") for number in range(MAX_TRACES))
    assert store.snapshot("a" * 32) is None


def test_two_learners_see_only_their_own_trace() -> None:
    async def watch() -> bytes:
        store = TraceStore()
        store.add_spans([span("mine", trace="a" * 32), span("theirs", trace="b" * 32)])
        async with aclosing(store.events(trace="b" * 32)) as stream:
            return await anext(stream)

    ((name, data),) = events_in(asyncio.run(watch()))
    assert (name, data["name"]) == ("span", "theirs")


def test_a_reader_who_comes_later_is_told_of_the_faults_that_came_before() -> None:
    async def watch() -> bytes:
        store = TraceStore()
        store.add_spans([span(end=None)])
        store.add_fault({"time": 1.5, "program": "01_basic", "process": "web", "action": "kill"})
        async with aclosing(store.events()) as stream:
            return await anext(stream)

    assert [name for name, _ in events_in(asyncio.run(watch()))] == ["span", "fault"]


@pytest.mark.whole
def test_a_reader_who_comes_later_is_told_of_the_newest_traces() -> None:
    async def watch() -> bytes:
        store = TraceStore()
        for number in range(MAX_TRACES):
            trace = f"{number:032x}"
            store.add_spans(span(trace=trace, number=each) for each in range(10))
        async with aclosing(store.events()) as stream:
            return await anext(stream)

    seen = events_in(asyncio.run(watch()))
    assert {name for name, _ in seen} == {"span"}
    assert seen[-1][1]["trace_id"] == f"{MAX_TRACES - 1:032x}"


def test_a_long_name_is_clipped() -> None:
    request = ExportTraceServiceRequest()
    scope = request.resource_spans.add().scope_spans.add()
    scope.spans.add(trace_id=b"\1" * 16, span_id=b"\1" * 8, name="x" * 1_000_000)

    ((found,), _) = parse(request.SerializeToString(), 10)

    assert len(found.name) == LONGEST_TEXT


def test_a_request_that_no_route_took_is_named_by_its_path_and_keeps_its_status() -> None:
    request = ExportTraceServiceRequest()
    spans = request.resource_spans.add().scope_spans.add().spans
    made = spans.add(trace_id=b"t" * 16, span_id=b"s" * 8, name="GET")
    made.attributes.add(key="url.path").value.string_value = "/nowhere"
    made.attributes.add(key="http.response.status_code").value.int_value = 404

    ((found,), _) = parse(request.SerializeToString(), 10)

    assert (found.name, found.code) == ("GET /nowhere", 404)


@pytest.mark.whole
def test_a_slow_reader_is_told_how_many_events_it_missed() -> None:
    async def watch() -> bytes:
        store = TraceStore()
        store.add_spans([span("first")])
        async with aclosing(store.events()) as stream:
            await anext(stream)
            store.add_spans(span(trace=f"{number:032x}") for number in range(MAX_WAITING + 7))
            return await anext(stream)

    *seen, last = events_in(asyncio.run(watch()))
    assert len(seen) == MAX_WAITING
    assert last == ("lost", {"count": 7})


def test_a_fault_is_part_of_the_trace_that_it_interrupted() -> None:
    store = TraceStore()
    fault = {"time": 1.5, "program": "01_basic", "process": "web", "action": "kill"}
    store.add_spans([span(end=None)])
    store.add_fault(fault)
    store.add_fault({**fault, "program": "05_async"})

    snapshot = store.snapshot("a" * 32)
    assert snapshot is not None
    assert snapshot["faults"] == [fault]


def test_the_page_about_tracing_states_the_bounds() -> None:
    page = Path(__file__).parent.parent / "docs" / "tracing.md"
    text = page.read_text(encoding="utf-8")

    assert f"최근 추적 {MAX_TRACES:,}개, 추적마다 스팬 {MAX_SPANS:,}개" in text
