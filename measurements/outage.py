"""브로커가 죽거나 답하지 않을 때, 브로커를 쓰지 않는 요청도 느려지는지 잽니다."""

import asyncio
import statistics
from collections import Counter
from functools import partial
from itertools import product
from typing import Any

from rich.progress import Progress

from lab.running import RunningProgram
from measurements import results
from measurements.client import fetch, request
from measurements.load import PAUSE, Slot, slot
from measurements.programs import QUIET, started
from measurements.quantiles import quantile, rounded
from measurements.results import MeasurementError, Result

TITLE = "브로커의 고장이 다른 요청에 미치는 영향 (04 예제)"
COLUMNS = {
    "state": "브로커",
    "request": "요청",
    "answers": "상태 코드",
    "p50": "p50 (ms)",
    "p99": "p99 (ms)",
    "ratio": "정상의 p99에 견준 값 (배)",
    "ratio_lowest": "가장 작은 것 (배)",
    "ratio_highest": "가장 큰 것 (배)",
    "goal": "목표",
    "requests": "요청 (개)",
}
PUBLISH = "큐에 넣기 (POST /process-data/)"
THREAD = "스레드를 쓰는 응답 (잘못된 본문, 422)"
LOOP = "이벤트 루프만 쓰는 응답 (GET /docs)"
NORMAL, DEAD, SILENT = "정상", "죽음", "답하지 않음"
FAULTS = {DEAD: ("kill", "start"), SILENT: ("freeze", "thaw")}
STATES = (NORMAL, *FAULTS)
REQUESTS = {
    PUBLISH: request("POST", "/process-data/", {"user": 1, "order": 2}),
    THREAD: request("POST", "/process-data/", "본문이 객체가 아닙니다"),
    LOOP: request("GET", "/docs"),
}
CLIENTS = {PUBLISH: 10, THREAD: 5, LOOP: 5}
QUICK = {"rounds": 1, "seconds": 1.5}
FULL = {"rounds": 4, "seconds": 8.0}
WARM_SECONDS = 1.0
"""먼저 보내고 세지 않는 시간입니다."""
RECOVERY_SECONDS = 20
GOAL = "1.5배 이하"
Found = dict[str, list[dict[str, Any]]]
"""브로커의 상태와 요청(예: "죽음, 큐에 넣기"), 그리고 라운드마다 받은 것입니다."""


def measure(*, quick: bool, progress: Progress) -> Result:
    """정상, 죽음, 답하지 않음을 번갈아, 세 가지 요청을 함께 보냅니다."""
    settings: dict[str, Any] = QUICK if quick else FULL
    total = settings["rounds"] * (len(FAULTS) + 1)
    task = progress.add_task("고장을 내고 요청을 보냅니다", total=total)
    found: Found = {}
    with started("04_celery", only=["web"]) as program:
        asyncio.run(one_state(program, NORMAL, WARM_SECONDS))
        for turn in range(settings["rounds"]):
            for state in STATES if turn % 2 == 0 else STATES[::-1]:
                for title, one in asyncio.run(one_state(program, state, settings["seconds"])):
                    found.setdefault(f"{state}, {title}", []).append(as_sample(one))
                progress.advance(task)
    return Result(
        name="outage",
        rows=summary(found),
        settings={
            **settings,
            "clients": CLIENTS,
            "pause_seconds": PAUSE,
            "uvicorn": f"프로세스 하나, {QUIET}",
        },
        quick=quick,
        versions=results.versions(
            ["fastapi", "uvicorn", "celery", "kombu", "redis"],
            Valkey=results.redis_server_version(),
        ),
        samples=found,
    )


async def one_state(program: RunningProgram, state: str, seconds: float) -> list[tuple[str, Slot]]:
    """고장을 내고, 세 가지 요청을 함께 보낸 다음, 고장을 되돌립니다."""
    begin, end = FAULTS.get(state, ("", ""))
    if begin:
        await asyncio.to_thread(program.act, "broker", begin)
    try:
        slots = await asyncio.gather(
            *(
                slot(program.url, CLIENTS[title], partial(bytes, message), seconds)
                for title, message in REQUESTS.items()
            )
        )
    finally:
        if end:
            await asyncio.to_thread(program.act, "broker", end)
    await until_recovered(program.url)
    return list(zip(REQUESTS, slots, strict=True))


async def until_recovered(url: str) -> None:
    """다시 큐에 넣을 수 있을 때까지 기다립니다. 다음 구간에 앞의 고장이 섞이지 않게 합니다."""
    answers: Counter[int] = Counter()
    async with asyncio.timeout(RECOVERY_SECONDS):
        # 연결 풀에 남은 끊긴 연결을 모두 쓰도록, 한꺼번에 여러 번 성공해야 합니다.
        while set(answers) != {200}:
            every = (fetch(url, REQUESTS[PUBLISH]) for _ in range(2 * CLIENTS[PUBLISH]))
            answers = Counter(answer.status for answer in await asyncio.gather(*every))


def as_sample(one: Slot) -> dict[str, Any]:
    """한 구간에서 잰 값과 상태 코드의 수입니다."""
    statuses = {str(code): count for code, count in sorted(one.statuses.items())}
    return {"ms": one.milliseconds, "statuses": statuses}


def summary(found: Found) -> list[dict[str, Any]]:
    """브로커의 상태와 요청마다 한 줄입니다. 배수는 라운드마다 셈하고 그 가운데를 적습니다."""
    rows = []
    for state, title in product(STATES, REQUESTS):
        rounds = found[f"{state}, {title}"]
        if not all(one["ms"] for one in rounds):
            raise MeasurementError(f"{state}: {title}에 답이 하나도 오지 않은 구간이 있습니다")
        statuses = sum((Counter(one["statuses"]) for one in rounds), Counter[str]())
        every = [ms for one in rounds for ms in one["ms"]]
        ratios = [
            quantile(one["ms"], 0.99) / quantile(normal["ms"], 0.99)
            for one, normal in zip(rounds, found[f"{NORMAL}, {title}"], strict=True)
        ]
        rows.append(
            {
                "state": state,
                "request": title,
                "answers": ", ".join(f"{code}: {n}" for code, n in sorted(statuses.items())),
                "p50": rounded(statistics.median(every)),
                "p99": rounded(quantile(every, 0.99)),
                "ratio": round(statistics.median(ratios), 2),
                "ratio_lowest": round(min(ratios), 2),
                "ratio_highest": round(max(ratios), 2),
                "goal": GOAL if state != NORMAL and title != PUBLISH else None,
                "requests": len(every),
            }
        )
    return rows


def check(result: Result) -> list[str]:
    """큐에 넣는 요청은 503을 받고, 다른 요청은 그것보다 훨씬 빨라야 합니다."""
    wrong = []
    rows = {(row["state"], row["request"]): row for row in result.rows}
    for (state, title), row in rows.items():
        codes = {answer.partition(":")[0] for answer in row["answers"].split(", ")}
        wanted = {PUBLISH: "200" if state == NORMAL else "503", THREAD: "422", LOOP: "200"}[title]
        if codes != {wanted}:
            wrong.append(f"{state}: {title}의 상태 코드가 {wanted}만이 아닙니다({row['answers']})")
        if state == SILENT and title != PUBLISH and row["p99"] > rows[state, PUBLISH]["p50"]:
            wrong.append(f"{state}: {title}이(가) 브로커를 기다렸습니다")
    return wrong


def charts(result: Result) -> dict[str, Any]:
    """브로커를 쓰지 않는 요청의 p99를 브로커의 상태마다 그립니다."""
    from measurements import charts

    p99 = {(row["state"], row["request"]): row["p99"] for row in result.rows}
    told = [
        f"{title}: "
        + ", ".join(f"{state} {results.written(p99[state, title])}" for state in STATES)
        for title in (LOOP, THREAD)
    ]
    figure, axes = charts.chart(
        "브로커의 상태와, 브로커를 쓰지 않는 요청의 p99",
        f"p99(ms)는 {'. '.join(told)}.",
        x="p99 (ms)",
        y="",
    )
    with charts.styled():
        for offset, state in zip((0.26, 0, -0.26), STATES, strict=True):
            heights = [place + offset for place in (1, 0)]
            axes.barh(heights, [p99[state, LOOP], p99[state, THREAD]], height=0.24, label=state)
        axes.set_yticks([1, 0], [title.replace(" (", "\n(") for title in (LOOP, THREAD)])
        axes.grid(visible=False, axis="y")
    charts.legend(figure, columns=3)
    return {"p99": figure}
