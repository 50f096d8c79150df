"""RQ의 태스크를, 그것을 보낸 요청의 추적에 잇습니다. Celery 계측과 이름과 모양이 같습니다.

공개된 계측(opentelemetry-instrumentation-rq)은 RQ 2까지만 맞으므로 필요한 곳만 감쌉니다.
요청의 traceparent는 태스크와 함께 다니는 job.meta에 담습니다.
"""

from collections.abc import Callable
from typing import Any

from opentelemetry import trace
from opentelemetry.propagate import extract, inject
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import SpanKind
from rq.job import Job
from rq.queue import Queue
from rq.worker import BaseWorker
from wrapt import wrap_function_wrapper

tracer = trace.get_tracer("lab.rq")
Wrapped = Callable[..., Any]


def send(wrapped: Wrapped, _queue: Queue, args: Any, kwargs: Any) -> Any:
    """큐에 넣거나 예약하는 스팬을 만들고, 그 번호를 태스크에 담습니다."""
    job: Job = args[0] if args else kwargs["job"]
    if "traceparent" in job.meta:  # 재시도를 예약하는 것입니다. 처음 보낸 요청에 이어 둡니다.
        return wrapped(*args, **kwargs)
    with tracer.start_as_current_span(f"enqueue/{job.func_name}", kind=SpanKind.PRODUCER):
        inject(job.meta)
        return wrapped(*args, **kwargs)


def perform(wrapped: Wrapped, job: Job, args: Any, kwargs: Any) -> Any:
    """태스크를 실행하는 스팬을, 큐에 넣은 스팬 아래에 만듭니다. 예외도 스팬에 남습니다."""
    with tracer.start_as_current_span(
        f"run/{job.func_name}",
        context=extract(job.meta),
        kind=SpanKind.CONSUMER,
        attributes={"code.function.name": str(job.func_name)},
    ):
        return wrapped(*args, **kwargs)


def perform_job(wrapped: Wrapped, worker: BaseWorker, args: Any, kwargs: Any) -> Any:
    """태스크를 실행하는 자식은 os._exit로 끝나므로, 그 전에 남은 스팬을 보냅니다."""
    try:
        return wrapped(*args, **kwargs)
    finally:
        provider = trace.get_tracer_provider()
        if worker.is_horse and isinstance(provider, TracerProvider):
            provider.shutdown()


def instrument() -> None:
    """RQ를 감쌉니다. RQ를 쓰기 전에 한 번만 부릅니다."""
    wrap_function_wrapper("rq.queue", "Queue.enqueue_job", send)
    wrap_function_wrapper("rq.queue", "Queue.schedule_job", send)
    wrap_function_wrapper("rq.job", "Job.perform", perform)
    wrap_function_wrapper("rq.worker", "BaseWorker.perform_job", perform_job)
