"""일을 어디에 맡기느냐에 따라 클라이언트가 기다리는 시간이 얼마나 달라지는지 잽니다."""

import asyncio
import statistics
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from rich.progress import Progress

from measurements import results
from measurements.client import request
from measurements.load import PAUSE, slot
from measurements.programs import QUIET, bare_server, started_together
from measurements.quantiles import p99, quantile, rounded
from measurements.results import Result

TITLE = "일을 맡긴 곳과 클라이언트가 기다리는 시간"
COLUMNS = {
    "clients": "클라이언트 (개)",
    "kind": "일을 하는 곳",
    "p50": "p50 (ms)",
    "p95": "p95 (ms)",
    "p99": "p99 (ms)",
    "ratio": "빈 엔드포인트의 p50에 견준 값 (배)",
    "ratio_lowest": "가장 작은 것 (배)",
    "ratio_highest": "가장 큰 것 (배)",
    "goal": "목표",
    "requests": "요청 (개)",
}
BODY = {"user": 1, "order": 2}
USER = {"name": "김하나", "email": "user@example.com"}
EMPTY = "빈 엔드포인트"
INLINE = "그 자리에서 (def)"
BARE = "빈 소켓 서버 (재는 도구)"
APP = "places_to_work"
QUICK = {"work_seconds": 0.05, "rounds": 1, "seconds": {10: 0.4}}
FULL = {"work_seconds": 0.01, "rounds": 10, "seconds": {1: 0.9, 10: 0.55, 50: 0.4, 200: 0.25}}
PAUSE_ALONE = (0.012, 0.018)
"""클라이언트가 하나뿐일 때 쉬는 시간(초)입니다. 그 자리에서 하는 일보다 깁니다."""
WARM = 3
"""구간마다 연결마다 먼저 보내고 세지 않는 요청의 수입니다."""


@dataclass(frozen=True)
class Kind:
    """견줄 것 하나입니다."""

    title: str
    program: str
    path: str
    body: dict[str, Any]

    def message(self) -> bytes:
        """보낼 요청입니다."""
        return request("POST", self.path, self.body)


CELERY = "Celery (04 예제)"
IN_PROCESS = ("BackgroundTasks, def", "BackgroundTasks, async def", "create_task")
GOALS = dict.fromkeys(IN_PROCESS[:2], "1.1배 이하") | {CELERY: "빈 엔드포인트보다 2 ms 이하"}
KINDS = (
    Kind(BARE, "", "/", BODY),
    Kind(EMPTY, APP, "/empty", BODY),
    Kind("빈 def 엔드포인트", APP, "/empty-def", BODY),
    Kind(IN_PROCESS[0], APP, "/background", BODY),
    Kind(IN_PROCESS[1], APP, "/background-async", BODY),
    Kind(IN_PROCESS[2], APP, "/create-task", BODY),
    Kind(CELERY, "04_celery", "/process-data/", BODY),
    Kind("RQ (06 예제)", "06_rq", "/process-data/", BODY),
    Kind("Kafka (07 예제)", "07_kafka", "/users/", USER),
    Kind(INLINE, APP, "/inline", BODY),
)


@contextmanager
def servers(work_seconds: float) -> Iterator[dict[str, str]]:
    """프로그램의 이름과 주소입니다. 워커는 다른 컴퓨터에 있다고 보고 실행하지 않습니다."""
    names = list(dict.fromkeys(kind.program for kind in KINDS if kind.program))
    variables = {"WORK_SECONDS": str(work_seconds)}
    with (
        bare_server() as bare,
        started_together(*names, only=["web"], variables=variables) as programs,
    ):
        urls = [program.url for program in programs]
        yield {"": bare, **dict(zip(names, urls, strict=True))}


def measure(*, quick: bool, progress: Progress) -> Result:
    """클라이언트의 수마다, 견줄 것을 번갈아 잽니다."""
    settings: dict[str, Any] = QUICK if quick else FULL
    total = settings["rounds"] * len(settings["seconds"]) * len(KINDS)
    task = progress.add_task("서버를 시작합니다", total=total)
    with servers(settings["work_seconds"]) as urls:
        progress.update(task, description="요청을 보냅니다")
        found = asyncio.run(measure_all(settings, urls, partial(progress.advance, task)))
    return Result(
        name="latency",
        rows=summary(found),
        settings={
            **settings,
            "seconds": {str(clients): each for clients, each in settings["seconds"].items()},
            "pause_seconds": PAUSE,
            "pause_seconds_of_one_client": PAUSE_ALONE,
            "warm_up_per_connection": WARM,
            "body": BODY,
            "body_of_kafka": USER,
            "uvicorn": f"프로세스 하나, {QUIET}",
            "worker": "실행하지 않음",
        },
        quick=quick,
        versions=versions(),
        samples=found,
    )


def versions() -> dict[str, str]:
    """재는 데 쓴 것의 버전입니다."""
    names = ["fastapi", "uvicorn", "uvloop", "httptools", "celery", "rq", "confluent-kafka"]
    return results.versions(names, Valkey=results.redis_server_version())


Found = dict[str, list[list[float]]]
"""클라이언트의 수와 견줄 것(예: "10 create_task"), 그리고 라운드마다 잰 값(ms)입니다."""


async def measure_all(
    settings: dict[str, Any], urls: dict[str, str], advance: Callable[[], None]
) -> Found:
    """라운드마다, 클라이언트의 수마다, 견줄 것마다 한 구간씩 잽니다."""
    found: Found = {}
    for turn in range(settings["rounds"]):
        # 컴퓨터가 점점 빨라지거나 느려져도 한쪽에 쏠리지 않게, 라운드마다 차례를 뒤집습니다.
        kinds = KINDS if turn % 2 == 0 else KINDS[::-1]
        for clients, seconds in settings["seconds"].items():
            for kind in kinds:
                url = urls[kind.program]
                pause = PAUSE_ALONE if clients == 1 else PAUSE
                one = await slot(url, clients, kind.message, seconds, WARM, pause)
                one.expect(200, 202)
                found.setdefault(f"{clients} {kind.title}", []).append(one.milliseconds)
                advance()
    return found


def summary(found: Found) -> list[dict[str, Any]]:
    """클라이언트의 수와 견줄 것마다 한 줄입니다. 배수는 라운드마다 셈하고 그 가운데를 적습니다."""
    rows = []
    for clients in sorted({int(key.split()[0]) for key in found}):
        for kind in KINDS:
            rounds = found[f"{clients} {kind.title}"]
            every = [ms for one in rounds for ms in one]
            ratios = [
                statistics.median(one) / statistics.median(empty)
                for one, empty in zip(rounds, found[f"{clients} {EMPTY}"], strict=True)
            ]
            rows.append(
                {
                    "clients": clients,
                    "kind": kind.title,
                    "p50": rounded(statistics.median(every)),
                    "p95": rounded(quantile(every, 0.95)),
                    "p99": rounded(p99(every)),
                    "ratio": round(statistics.median(ratios), 2),
                    "ratio_lowest": round(min(ratios), 2),
                    "ratio_highest": round(max(ratios), 2),
                    "goal": GOALS.get(kind.title),
                    "requests": len(every),
                }
            )
    return rows


def check(result: Result) -> list[str]:
    """일을 맡기면 그 일을 기다리지 않고, 무엇도 빈 소켓 서버보다 빠를 수 없습니다."""
    work_ms = result.settings["work_seconds"] * 1000
    p50 = {(row["clients"], row["kind"]): row["p50"] for row in result.rows}
    few, many = min(clients for clients, _ in p50), max(clients for clients, _ in p50)
    wrong = []
    for (clients, kind), value in p50.items():
        if kind == INLINE:
            if value < work_ms:
                wrong.append(f"{clients}개: 그 자리에서 한 일({work_ms:g} ms)보다 응답이 빠릅니다")
        elif clients == few and value >= p50[clients, INLINE]:
            wrong.append(f"{clients}개: {kind}이(가) 그 자리에서 하는 것보다 느립니다")
        if value < p50[clients, BARE]:
            wrong.append(f"{clients}개: {kind}이(가) 빈 소켓 서버보다 빠릅니다")
    for kind in IN_PROCESS:
        if 2 * p50[few, kind] > p50[few, EMPTY] + p50[few, INLINE]:
            wrong.append(f"{few}개: {kind}이(가) 빈 엔드포인트에서 멉니다")
        if few < many and p50[many, CELERY] < p50[many, kind]:
            wrong.append(f"{many}개: {kind}이(가) Celery에 넣는 것보다 느립니다")
    return wrong


def charts(result: Result) -> dict[str, Any]:
    """클라이언트의 수와 견줄 것마다 p50을 찍은 점입니다."""
    from measurements import charts

    kinds = [kind.title for kind in reversed(KINDS)]
    few = min(row["clients"] for row in result.rows)
    alone = {row["kind"]: row["p50"] for row in result.rows if row["clients"] == few}
    told = ", ".join(f"{kind} {results.written(alone[kind])} ms" for kind in reversed(kinds))
    figure, axes = charts.chart(
        TITLE,
        f"클라이언트가 {few}개일 때 p50은 {told}입니다. 나머지 값은 표에 있습니다.",
        x="응답 시간의 p50 (ms, 로그)",
        y="",
    )
    with charts.styled():
        for clients in sorted({row["clients"] for row in result.rows}):
            p50 = {row["kind"]: row["p50"] for row in result.rows if row["clients"] == clients}
            axes.plot([p50[kind] for kind in kinds], kinds, linestyle="", label=f"{clients}개")
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter("{x:g}")
    charts.legend(figure, columns=4)
    return {"p50": figure}
