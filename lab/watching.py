"""예제가 보낸 추적을 받고, 보는 화면에 이어서 보내는 경로입니다."""

from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from fastapi.sse import EventSourceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from lab.telemetry import MAX_BODY_BYTES, InvalidTelemetryError, decompress, parse
from lab.traces import MAX_SPANS, TraceStore


def store_of(request: Request) -> TraceStore:
    store: TraceStore = request.app.state.store
    return store


Traces = Annotated[TraceStore, Depends(store_of)]


def add_traces(app: FastAPI) -> None:
    """추적을 받고 보여 주는 경로를 더합니다."""

    async def receive_traces(request: Request) -> Response:
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BODY_BYTES:
                return JSONResponse({"detail": "본문이 너무 큽니다"}, status_code=413)
        try:
            plain = decompress(bytes(body), request.headers.get("content-encoding"))
            spans, rejected = parse(plain, MAX_SPANS)
        except InvalidTelemetryError as error:
            return JSONResponse({"detail": str(error)}, status_code=400)
        store_of(request).add_spans(spans)
        for program in {span.program for span in spans}:
            request.app.state.supervisor.touch(program)
        answer = ExportTraceServiceResponse()
        if rejected:
            answer.partial_success.rejected_spans = rejected
        return Response(answer.SerializeToString(), media_type="application/x-protobuf")

    # 요청마다 오므로, 예제로 가는 길처럼 Starlette의 경로로 더합니다.
    app.add_route("/v1/traces", receive_traces, methods=["POST"], include_in_schema=False)

    @app.get("/lab/events")
    async def watch(
        traces: Traces, trace: str | None = None, program: str | None = None
    ) -> EventSourceResponse:
        return EventSourceResponse(traces.events(trace, program))

    @app.get("/lab/traces/{trace_id}")
    async def read_trace(traces: Traces, trace_id: str) -> Any:
        return traces.snapshot(trace_id) or JSONResponse(
            {"detail": "모르는 추적입니다. 오래된 추적은 지워집니다"}, status_code=404
        )
