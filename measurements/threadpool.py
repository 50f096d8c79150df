"""스레드풀을 붙잡은 동기 태스크의 수에 따라, 다른 요청이 얼마나 기다리는지 잽니다."""

import asyncio
import json
import statistics
from itertools import groupby
from typing import Any

from rich.progress import Progress

from measurements import results
from measurements.client import Client, fetch, request
from measurements.programs import started
from measurements.results import MeasurementError, Result

TITLE = "스레드풀을 붙잡은 태스크의 수와 응답 시간"
COLUMNS = {
    "held": "태스크 (개)",
    "def_ms": "def, 중앙값 (ms)",
    "def_lowest_ms": "def, 가장 빠른 것 (ms)",
    "def_highest_ms": "def, 가장 느린 것 (ms)",
    "async_ms": "async def, 중앙값 (ms)",
    "async_highest_ms": "async def, 가장 느린 것 (ms)",
}
PROGRAM = "thread_pool_used_up"
TOKENS = 40
START_SECONDS = 10
QUICK = {"task_seconds": 0.5, "rounds": 1, "held": [0, 39, 40, 80]}
FULL = {"task_seconds": 0.5, "rounds": 9}
HELD = [0, 10, 20, 30, 36, 38, 39, 40, 42, 50, 60, 70, 79, 80]
Sample = dict[str, Any]


def measure(*, quick: bool, progress: Progress) -> Result:
    """태스크를 한꺼번에 등록하고, 바로 뒤에 보낸 요청 둘(def, async def)의 응답 시간을 잽니다."""
    settings: dict[str, Any] = QUICK if quick else {**FULL, "held": HELD}
    variables = {"TASK_SECONDS": str(settings["task_seconds"])}
    samples: list[Sample] = []
    with started(PROGRAM, variables=variables) as program:
        asyncio.run(warm_up(program.url))
        total = settings["rounds"] * len(settings["held"])
        task = progress.add_task("태스크를 등록하고 요청을 보냅니다", total=total)
        for turn in range(settings["rounds"]):
            for held in settings["held"] if turn % 2 == 0 else settings["held"][::-1]:
                samples.append(asyncio.run(one_round(program.url, held)))
                progress.advance(task)
    return Result(
        name="threadpool",
        rows=summary(samples),
        settings={"program": PROGRAM, **settings},
        quick=quick,
        versions=results.versions(["fastapi", "starlette", "uvicorn", "anyio"]),
        samples={"rounds": samples},
    )


async def warm_up(url: str) -> None:
    """처음 한 번만 드는 시간을 먼저 씁니다."""
    for path in ("/hello", "/threads"):
        for _ in range(50):
            await fetch(url, request("GET", path))


async def one_round(url: str, held: int) -> Sample:
    """태스크 `held`개를 등록하고 잽니다. 스레드가 모두 풀린 뒤에 돌아옵니다."""
    async with Client(url) as client:
        # uvicorn은 태스크가 끝날 때까지 그 연결의 다음 요청을 읽지 않으므로, 연결을 따로 씁니다.
        first, second, *others = await client.connect(held + 2)
        hold = request("POST", "/broken")
        await asyncio.gather(*(connection.send(hold) for connection in others))
        await until_borrowed(url, min(held, TOKENS))
        waited = await asyncio.gather(
            first.send(request("GET", "/hello")), second.send(request("GET", "/threads"))
        )
    await until_borrowed(url, 0)
    def_ms, async_ms = (round(answer.seconds * 1000, 2) for answer in waited)
    return {"held": held, "def_ms": def_ms, "async_ms": async_ms}


async def until_borrowed(url: str, count: int) -> None:
    """쓰는 스레드가 `count`개가 될 때까지 기다립니다."""
    async with asyncio.timeout(START_SECONDS), Client(url) as client:
        (connection,) = await client.connect(1)
        while True:
            answer = await connection.send(request("GET", "/threads"))
            if answer.status != 200:
                raise MeasurementError(f"{PROGRAM}이 {answer.status}로 답했습니다")
            if json.loads(answer.body)["shared"] == f"{count}/{TOKENS}":
                return
            await asyncio.sleep(0.005)


def summary(samples: list[Sample]) -> list[dict[str, Any]]:
    """태스크의 수마다 중앙값과 가장 빠르고 느린 것입니다."""
    rows = []
    for held, group in groupby(sorted(samples, key=lambda s: s["held"]), lambda s: s["held"]):
        same = list(group)
        waits = [sample["def_ms"] for sample in same]
        asyncs = [sample["async_ms"] for sample in same]
        rows.append(
            {
                "held": held,
                "def_ms": statistics.median(waits),
                "def_lowest_ms": min(waits),
                "def_highest_ms": max(waits),
                "async_ms": statistics.median(asyncs),
                "async_highest_ms": max(asyncs),
            }
        )
    return rows


def check(result: Result) -> list[str]:
    """`def`는 40개부터 태스크가 끝나기를 기다리고, `async def`는 기다리지 않아야 합니다."""
    task_ms = result.settings["task_seconds"] * 1000
    wrong = []
    for row in result.rows:
        waits = row["def_ms"] > task_ms / 2
        if waits != (row["held"] >= TOKENS):
            found = "기다렸습니다" if waits else "기다리지 않았습니다"
            wrong.append(f"태스크 {row['held']}개: def 경로 처리 함수가 {found}")
        if row["async_ms"] > task_ms / 2:
            wrong.append(f"태스크 {row['held']}개: async def 경로 처리 함수가 기다렸습니다")
    last = result.rows[-1]
    if last["held"] == 2 * TOKENS and last["def_ms"] < 1.5 * task_ms:
        wrong.append(f"태스크 {last['held']}개: def가 두 차례 기다리지 않았습니다")
    return wrong


def charts(result: Result) -> dict[str, Any]:
    """태스크의 수에 따른 응답 시간의 꺾은선입니다."""
    from measurements import charts

    task_ms = result.settings["task_seconds"] * 1000
    figure, axes = charts.chart(
        "스레드풀을 붙잡은 태스크의 수와 응답 시간",
        f"태스크가 {TOKENS - 1}개일 때까지는 def와 async def가 모두 바로 답합니다. "
        f"{TOKENS}개부터 def는 태스크가 끝날 때까지(약 {task_ms:.0f} ms) 기다리고, "
        f"{2 * TOKENS}개에서는 그 두 배를 기다립니다. async def는 늘 바로 답합니다.",
        x="먼저 등록한 동기 태스크 (개)",
        y="응답 시간의 중앙값 (ms)",
    )
    held = [row["held"] for row in result.rows]
    with charts.styled():
        axes.plot(held, [row["def_ms"] for row in result.rows], label="def")
        axes.plot(held, [row["async_ms"] for row in result.rows], label="async def")
        axes.set_ylim(bottom=0)
    charts.legend(figure)
    return {"wait": figure}
