"""Kafka의 메시지를, 그것을 보낸 요청의 추적에 잇습니다.

공개된 계측(opentelemetry-instrumentation-confluent-kafka)은 AIOProducer를 모르고, 컨슈머의 스팬을
요청과 다른 추적에 두므로 필요한 곳만 감쌉니다. 요청의 traceparent는 메시지의 헤더에 담습니다.
"""

import asyncio
from typing import Any

import confluent_kafka
import confluent_kafka.aio
from confluent_kafka import KafkaError, KafkaException, Message, Producer
from opentelemetry import context, trace
from opentelemetry.propagate import extract, inject
from opentelemetry.trace import Span, SpanKind, Status, StatusCode

tracer = trace.get_tracer("lab.kafka")


def headers_with_trace(span: Span, headers: Any = None) -> list[tuple[str, Any]]:
    """메시지의 헤더에 이 스팬의 번호를 더합니다."""
    carrier: dict[str, str] = {}
    inject(carrier, trace.set_span_in_context(span))
    own = headers.items() if isinstance(headers, dict) else headers or []
    return [*own, *carrier.items()]


class TracedProducer(Producer):
    """보내는 스팬을 만들고, 그 번호를 메시지에 담습니다."""

    def produce(self, topic: str, *args: Any, **options: Any) -> None:
        with tracer.start_as_current_span(f"publish/{topic}", kind=SpanKind.PRODUCER) as span:
            options["headers"] = headers_with_trace(span, options.get("headers"))
            super().produce(topic, *args, **options)


class TracedAIOProducer(confluent_kafka.aio.AIOProducer):
    """보내는 스팬은 로그에 적혔다는 확인을 받을 때 끝납니다."""

    async def produce(
        self, topic: str, value: Any = None, key: Any = None, *_: Any, **options: Any
    ) -> "asyncio.Future[Any]":
        # AIOProducer는 메시지를 묶어 보내느라 헤더를 담지 못하므로, 하나씩 보냅니다.
        loop = asyncio.get_running_loop()
        delivery: asyncio.Future[Any] = loop.create_future()
        span = tracer.start_span(f"publish/{topic}", kind=SpanKind.PRODUCER)

        def settle(error: KafkaError | None, message: Message) -> None:
            if error:
                span.set_status(Status(StatusCode.ERROR))
                span.set_attribute("error.type", error.name())
            span.end()
            if not delivery.done():
                if error:
                    delivery.set_exception(KafkaException(error))
                else:
                    delivery.set_result(message)

        def report(error: KafkaError | None, message: Message) -> None:
            loop.call_soon_threadsafe(settle, error, message)

        def send() -> None:
            options.update(headers=headers_with_trace(span), on_delivery=report)
            # self._producer도 TracedProducer이므로, 스팬을 또 만들지 않는 원래 메서드를 부릅니다.
            Producer.produce(self._producer, topic, value, key, **options)

        await loop.run_in_executor(self.executor, send)
        return delivery


class TracedConsumer(confluent_kafka.Consumer):
    """처리하는 스팬은 메시지를 받을 때 시작하고, 다음 메시지를 기다리기 시작할 때 끝납니다."""

    _span: Span | None = None
    _token: Any = None

    def poll(self, *args: Any, **options: Any) -> Message | None:
        self._finish()
        message = super().poll(*args, **options)
        if message is not None and not message.error():
            self._begin(message)
        return message

    def _begin(self, message: Message) -> None:
        pairs: Any = message.headers() or []
        carrier = {name: value.decode() for name, value in pairs if value is not None}
        self._span = tracer.start_span(
            f"consume/{message.topic()}", context=extract(carrier), kind=SpanKind.CONSUMER
        )
        self._span.set_attribute("messaging.kafka.partition", message.partition() or 0)
        self._span.set_attribute("messaging.kafka.offset", message.offset() or 0)
        self._token = context.attach(trace.set_span_in_context(self._span))

    def _finish(self) -> None:
        if self._span is not None:
            context.detach(self._token)
            self._span.end()
            self._span = None

    def close(self) -> None:
        self._finish()
        super().close()

    def __exit__(self, *error: Any) -> bool | None:
        if error[1] is None:  # 예외로 끝나면, 끝내지 못한 일로 남깁니다.
            self._finish()
        return super().__exit__(*error)


def instrument() -> None:
    """예제가 임포트하기 전에, confluent-kafka의 클래스를 추적하는 것으로 바꿉니다."""
    confluent_kafka.Producer = TracedProducer  # type: ignore[misc]
    confluent_kafka.Consumer = TracedConsumer  # type: ignore[misc]
    confluent_kafka.aio.AIOProducer = TracedAIOProducer  # type: ignore[misc]
