"""예제의 프로세스가 시작할 때 OpenTelemetry 추적을 켭니다. 예제의 코드는 고치지 않습니다.

실습 도구가 이 폴더를 자식의 PYTHONPATH에 넣으면 파이썬이 시작하면서 이 파일을 읽습니다
(opentelemetry-instrument와 같은 방법입니다). 스팬은 시작할 때 한 번, 끝날 때 한 번 보냅니다.
시작만 하고 끝나지 않은 스팬은, 프로세스가 죽어 끝내지 못한 일입니다.
"""

import atexit
import importlib
import os
import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress

import requests
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor, TracerProvider

MAX_BATCH = 200
GATHER_SECONDS = 0.01
"""첫 스팬이 생기고 이만큼 모아 보냅니다. 바로 보내면 그 요청의 응답이 늦어집니다."""
FLUSH_SECONDS = 2.0


class LiveSpanProcessor(SpanProcessor):
    """스팬을 거의 모아 두지 않고, 다른 스레드에서 보냅니다."""

    def __init__(self, make_exporter: Callable[[], OTLPSpanExporter]) -> None:
        self._make_exporter = make_exporter
        self._start()
        # 스레드는 fork를 건너지 못하므로 Celery의 자식 프로세스마다 새로 시작합니다.
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._start)

    def _start(self) -> None:
        self._spans: queue.SimpleQueue[ReadableSpan | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._send, daemon=True)
        self._thread.start()

    def _send(self) -> None:
        exporter = self._make_exporter()
        while span := self._spans.get():
            time.sleep(GATHER_SECONDS)
            batch = [span]
            while not self._spans.empty() and len(batch) < MAX_BATCH:
                following = self._spans.get()
                if following is None:
                    exporter.export(batch)
                    return
                batch.append(following)
            exporter.export(batch)

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        span.set_attribute("process.pid", os.getpid())
        self._spans.put(span._readable_span())

    def on_end(self, span: ReadableSpan) -> None:
        self._spans.put(span)

    def shutdown(self) -> None:
        """남은 스팬을 보내고 끝냅니다."""
        self._spans.put(None)
        self._thread.join(FLUSH_SECONDS)


def exporter_to(endpoint: str) -> OTLPSpanExporter:
    """스팬을 보내는 것입니다. 이 컴퓨터로 보내므로 회사의 프록시 설정을 따르지 않습니다."""
    session = requests.Session()
    session.trust_env = False
    return OTLPSpanExporter(f"{endpoint}/v1/traces", timeout=2, session=session)


def start_tracing(endpoint: str) -> None:
    """전역 TracerProvider를 정합니다. FastAPI와 Celery, RQ, Kafka의 계측이 이것을 씁니다."""
    provider = TracerProvider(resource=Resource.create(), shutdown_on_exit=False)
    provider.add_span_processor(LiveSpanProcessor(lambda: exporter_to(endpoint)))
    trace.set_tracer_provider(provider)
    atexit.register(provider.shutdown)
    if os.environ.get("LAB_INSTRUMENT_CELERY"):
        from opentelemetry.instrumentation.celery import CeleryInstrumentor

        CeleryInstrumentor().instrument()  # type: ignore[no-untyped-call]
    if os.environ.get("LAB_INSTRUMENT_RQ"):
        importlib.import_module("rq_tracing").instrument()
    if os.environ.get("LAB_INSTRUMENT_KAFKA"):
        importlib.import_module("kafka_tracing").instrument()


def import_ahead(*names: str) -> None:
    """처음 쓸 때 임포트하는 모듈을 미리 읽어, 첫 요청만 느려지는 일이 없게 합니다."""
    for name in names:
        with suppress(ImportError):
            importlib.import_module(name)


if endpoint := os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
    start_tracing(endpoint)
    if os.environ.get("OTEL_SERVICE_NAME") == "web":
        import_ahead("anyio._backends._asyncio")
        if os.environ.get("LAB_INSTRUMENT_CELERY"):
            import_ahead("kombu.transport.redis", "celery.backends.redis")
