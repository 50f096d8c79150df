"""OTLP로 받은 스팬을 화면에 그릴 모양으로 바꿉니다."""

import zlib
from dataclasses import dataclass, fields
from itertools import islice
from typing import Any

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1 import trace_pb2

MAX_BODY_BYTES = 32 * 1024 * 1024
"""압축을 푼 OTLP 본문의 최대 크기(바이트)입니다."""

KINDS = {0: "INTERNAL", 1: "INTERNAL", 2: "SERVER", 3: "CLIENT", 4: "PRODUCER", 5: "CONSUMER"}
STATUSES = {0: "UNSET", 1: "OK", 2: "ERROR"}


LONGEST_TEXT = 200
"""이름 하나에서 기억하는 글자의 수입니다. 긴 이름이 메모리를 채우지 않게 합니다."""


class InvalidTelemetryError(ValueError):
    """OTLP 본문이 아니거나 너무 큽니다. 메시지는 무엇이 틀렸는지 알려 줍니다."""


@dataclass(frozen=True, slots=True)
class Span:
    """일 하나의 시작과 끝입니다. 시각은 epoch 밀리초이고, 끝나지 않았으면 `end`가 None입니다."""

    trace_id: str
    span_id: str
    parent_id: str | None
    name: str
    kind: str
    program: str
    process: str
    pid: int | None
    start: float
    end: float | None
    status: str
    code: int | None
    """HTTP 응답의 상태 코드입니다. HTTP 요청의 스팬이 아니면 None입니다."""
    error: str | None
    function: str | None

    def as_dict(self) -> dict[str, Any]:
        """JSON으로 보낼 딕셔너리입니다. 변하지 않는 값이므로 `asdict`처럼 복사하지 않습니다."""
        return {name: getattr(self, name) for name in SPAN_FIELDS}


SPAN_FIELDS = tuple(field.name for field in fields(Span))


def decompress(body: bytes, encoding: str | None) -> bytes:
    """gzip이면 풀고, 아니면 그대로 돌려줍니다.

    Raises:
        InvalidTelemetryError: 압축이 깨졌거나 푼 크기가 MAX_BODY_BYTES를 넘을 때.
    """
    if encoding != "gzip":
        return body
    decompressor = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)  # 16은 gzip 머리말을 뜻합니다.
    try:
        plain = decompressor.decompress(body, MAX_BODY_BYTES)
    except zlib.error as error:
        raise InvalidTelemetryError("gzip을 풀지 못했습니다") from error
    if decompressor.unconsumed_tail:
        raise InvalidTelemetryError(f"본문이 {MAX_BODY_BYTES}바이트보다 큽니다")
    if not decompressor.eof:
        raise InvalidTelemetryError("gzip이 중간에 끊겼습니다")
    return plain


def parse(body: bytes, limit: int) -> tuple[list[Span], int]:
    """OTLP 본문에서 스팬을 최대 `limit`개 읽고, 버린 개수와 함께 돌려줍니다.

    번호의 길이가 규격과 다른 스팬은 버립니다.

    Raises:
        InvalidTelemetryError: protobuf가 아닐 때.
    """
    try:
        request = ExportTraceServiceRequest.FromString(body)
    except DecodeError as error:
        raise InvalidTelemetryError("OTLP protobuf 본문이 아닙니다") from error
    spans: list[Span] = []
    total = 0
    for resource_spans in request.resource_spans:
        resource = attributes(resource_spans.resource.attributes)
        for scope_spans in resource_spans.scope_spans:
            total += len(scope_spans.spans)
            room = max(limit - len(spans), 0)
            valid = (span for span in scope_spans.spans if has_ids(span))
            spans += [to_span(span, resource) for span in islice(valid, room)]
    return spans, total - len(spans)


def has_ids(span: trace_pb2.Span) -> bool:
    """추적과 스팬의 번호가 규격대로 16바이트와 8바이트이면 참입니다."""
    return len(span.trace_id) == 16 and len(span.span_id) == 8


def attributes(pairs: Any) -> dict[str, Any]:
    """OTLP의 속성 목록을 딕셔너리로 바꿉니다."""
    return {pair.key: value_of(pair) for pair in pairs}


def value_of(pair: KeyValue) -> Any:
    """속성 하나의 값입니다. 배열처럼 쓰지 않는 타입은 None입니다."""
    kind = pair.value.WhichOneof("value")
    return (
        getattr(pair.value, kind) if kind in ("string_value", "int_value", "bool_value") else None
    )


def to_span(span: trace_pb2.Span, resource: dict[str, Any]) -> Span:
    """OTLP 스팬 하나를 Span으로 바꿉니다."""
    found = attributes(span.attributes)
    function = found.get("code.function.name")
    program = str(resource.get("lab.program", ""))
    return Span(
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        parent_id=span.parent_span_id[:8].hex() or None,
        name=clipped(name_of(span, found).replace(f"/run/{program}/", "/")),
        kind=KINDS.get(span.kind, "INTERNAL"),
        program=clipped(program),
        process=clipped(str(resource.get("service.name", ""))),
        pid=number(found.get("process.pid")),
        start=milliseconds(span.start_time_unix_nano),
        end=milliseconds(span.end_time_unix_nano) if span.end_time_unix_nano else None,
        status=STATUSES.get(span.status.code, "UNSET"),
        code=number(found.get("http.response.status_code") or found.get("http.status_code")),
        error=error_of(span, found),
        function=last_part(function),
    )


def error_of(span: trace_pb2.Span, found: dict[str, Any]) -> str | None:
    """스팬에 남은 예외의 타입 이름입니다."""
    for event in span.events:
        if event.name == "exception":
            kind = attributes(event.attributes).get("exception.type")
            return last_part(kind)
    return last_part(found.get("error.type"))


def name_of(span: trace_pb2.Span, found: dict[str, Any]) -> str:
    """스팬의 이름입니다. 맞는 경로가 없던 요청의 이름은 메서드뿐이므로 받은 경로를 더합니다."""
    path = found.get("url.path")
    return f"{span.name} {path}" if path and "/" not in span.name else span.name


def number(value: object) -> int | None:
    """정수이면 그대로, 아니면 None입니다."""
    return value if isinstance(value, int) else None


def clipped(text: str) -> str:
    return text[:LONGEST_TEXT]


def last_part(text: object) -> str | None:
    """점으로 나눈 이름의 마지막 부분입니다. 없으면 None입니다."""
    return clipped(str(text).rpartition(".")[2]) if text else None


def milliseconds(nanoseconds: int) -> float:
    """나노초를 마이크로초까지 남긴 밀리초로 바꿉니다."""
    return nanoseconds // 1000 / 1000
