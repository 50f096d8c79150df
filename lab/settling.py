"""기록하던 추적에 더 일어날 일이 있는지 판단합니다. 위젯(trace.js)도 같은 규칙을 씁니다."""

from typing import Any

QUIET_SECONDS = 1.0
"""모두 끝난 다음, 새 스팬이 오지 않는지 지켜보는 시간(초)입니다."""
RETRY_SECONDS = 3.0
"""태스크가 실패한 다음, 다시 시도하는지 지켜보는 시간(초)입니다. 위젯(follow.js)과 같습니다."""
LONELY_SECONDS = 15.0
"""큐에 넣은 일을 아무 워커도 시작하지 않을 때 기다리는 시간(초)입니다."""
Json = dict[str, Any]


def was_cut(span: Json, faults: list[Json]) -> bool:
    """스팬을 실행하던 프로세스에 고장을 냈으면 참입니다. 그런 스팬은 끝나지 않습니다."""
    return any(
        fault["process"] == span["process"]
        and fault["action"] in ("kill", "stop")
        and fault["time"] >= span["start"]
        for fault in faults
    )


def open_spans(trace: Json) -> list[Json]:
    """끝나지 않았고, 고장으로 끊기지도 않은 스팬입니다."""
    return [
        span
        for span in trace["spans"]
        if span["end"] is None and not was_cut(span, trace["faults"])
    ]


def running_tasks(trace: Json, process: str) -> list[Json]:
    """`process`에서 실행 중인 태스크입니다."""
    return [
        span
        for span in open_spans(trace)
        if span["process"] == process
        and (span["kind"] == "CONSUMER" or span["name"] == "fastapi.background_task")
    ]


def patience(trace: Json) -> float | None:
    """새 스팬을 더 기다려 볼 시간(초)입니다. None이면 올 것이 있으므로 계속 기다립니다."""
    spans = trace["spans"]
    sent = [s for s in spans if s["kind"] == "PRODUCER" and s["status"] != "ERROR"]
    taken = [s for s in spans if s["kind"] == "CONSUMER"]
    if not any(span["kind"] == "SERVER" for span in spans):
        return LONELY_SECONDS
    lost = [span for span in taken if span["end"] is None and was_cut(span, trace["faults"])]
    if lost and len(taken) - len(lost) < len(sent):
        return None  # 죽은 워커가 하던 일은 가시성 타임아웃이 지나야 다시 배달됩니다.
    if len(taken) < len(sent):
        return LONELY_SECONDS
    return RETRY_SECONDS if taken and taken[-1]["status"] == "ERROR" else QUIET_SECONDS
