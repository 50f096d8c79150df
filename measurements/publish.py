"""04 예제가 태스크를 큐에 넣는 데 드는 시간을, LPUSH에서 HTTP까지 단계로 나누어 잽니다."""

import asyncio
import json
import statistics
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import psutil
from redis import Redis
from rich.progress import Progress

from lab.processes import Child, StartError, stop_all
from lab.running import RunningProgram
from measurements import results
from measurements.apps.publish_steps import command_calls, per_call
from measurements.client import Client, request
from measurements.programs import APPS, QUIET, started_together
from measurements.quantiles import quantile, rounded
from measurements.results import Result

TITLE = "04 예제가 태스크를 큐에 넣는 비용"
COLUMNS = {
    "step": "단계",
    "p50": "이어서 부를 때 p50 (ms)",
    "added": "앞 단계보다 더 드는 시간 (ms)",
    "goal": "목표 (ms)",
    "p95": "p95 (ms)",
    "paced_p50": "쉬었다가 부를 때 p50 (ms)",
    "cpu_ms": "웹의 CPU, 평균 (ms)",
    "commands": "Redis 명령 (개)",
    "names": "명령의 이름",
}
STEPS = {
    "lpush": "LPUSH만 (redis-py)",
    "kombu": "kombu로 넣기",
    "send_task": "send_task (ignore_result)",
    "apply_async": "apply_async (결과 채널을 구독)",
    "process_data": "04의 함수 (QUEUED 표시까지)",
}
EMPTY = "HTTP: 빈 def 엔드포인트"
WHOLE = "HTTP: 04의 엔드포인트"
SYNCED = "HTTP: 04의 엔드포인트 (appendfsync always)"
GOAL = "2 이하"
BODY = {"user": 1, "order": 2}
QUICK = {"rounds": 1, "calls": 100, "paced": 10, "pause_seconds": 0.02}
FULL = {"rounds": 5, "calls": 200, "paced": 60, "pause_seconds": 0.02}
WARM = 50
CHILD_SECONDS = 60
Samples = dict[str, dict[str, Any]]


def measure(*, quick: bool, progress: Progress) -> Result:
    """라운드마다 모든 단계를 차례로 잽니다."""
    settings: dict[str, Any] = QUICK if quick else FULL
    task = progress.add_task("큐에 넣는 단계를 하나씩 잽니다", total=settings["rounds"])
    found: Samples = {}
    with (
        started_together("04_celery", "places_to_work", only=["web"]) as (example, empty),
        Redis.from_url(example.processes["web"].variables["REDIS_URL"]) as redis,
    ):
        for _ in range(settings["rounds"]):
            for step, values in in_process(example, settings).items():
                merge(found, STEPS[step], values)
            for title, program, path, synced in (
                (EMPTY, empty, "/empty-def", "everysec"),
                (WHOLE, example, "/process-data/", "everysec"),
                (SYNCED, example, "/process-data/", "always"),
            ):
                redis.config_set("appendfsync", synced)
                merge(found, title, asyncio.run(over_http(program, path, redis, settings)))
            redis.config_set("appendfsync", "everysec")
            redis.delete("celery")
            progress.advance(task)
    return Result(
        name="publish",
        rows=summary(found),
        settings={
            **settings,
            "body": BODY,
            "uvicorn": f"프로세스 하나, {QUIET}",
            "worker": "없음",
            "redis": "appendonly yes, appendfsync everysec (따로 적은 것은 always)",
        },
        quick=quick,
        versions=results.versions(
            ["fastapi", "uvicorn", "celery", "kombu", "redis"],
            Valkey=results.redis_server_version(),
        ),
        samples=found,
    )


def merge(found: Samples, title: str, values: dict[str, Any]) -> None:
    """라운드 하나에서 잰 값을 더합니다."""
    every = found.setdefault(title, {key: [] for key in values})
    for key, value in values.items():
        every[key] += value if isinstance(value, list) else [value]


def in_process(example: RunningProgram, settings: dict[str, Any]) -> Samples:
    """예제의 코드를 자식 프로세스에서 직접 불러 잽니다.

    Raises:
        StartError: 자식이 값을 내지 못하고 끝났을 때.
    """
    web = example.processes["web"]
    arguments = [str(settings[key]) for key in ("calls", "paced", "pause_seconds")]
    command = [sys.executable, str(APPS / "publish_steps.py"), *arguments]
    with finished(command, web.folder, web.variables) as child:
        found: Samples = json.loads(child.last_lines[-1])
    return found


@contextmanager
def finished(command: list[str], folder: Path, variables: dict[str, str]) -> Iterator[Child]:
    """끝까지 실행한 자식입니다. 출력은 `last_lines`에 있습니다."""
    child = Child("publish_steps", command, folder, variables, lambda _process, _line: None)
    try:
        if not child.wait(CHILD_SECONDS) or child.returncode != 0:
            raise StartError("\n".join(["단계를 재지 못했습니다. 마지막 출력:", *child.last_lines]))
        yield child
    finally:
        stop_all([child], 0)


async def over_http(
    program: RunningProgram, path: str, redis: Redis, settings: dict[str, Any]
) -> dict[str, Any]:
    """연결 하나로 요청을 이어서, 그다음에는 쉬어 가며 보냅니다."""
    child = program.processes["web"].child
    assert child is not None
    web = psutil.Process(child.pid)
    message = request("POST", path, BODY)

    async def send(times: int, pause: float = 0) -> list[float]:
        answers = []
        for _ in range(times):
            await asyncio.sleep(pause)
            answers.append(await connection.send(message))
        return [float(f"{answer.seconds * 1000:.4g}") for answer in answers]

    async with Client(program.url) as client:
        (connection,) = await client.connect(1)
        await send(WARM)
        before, commands = web.cpu_times(), command_calls(redis)
        walls = await send(settings["calls"])
        after = web.cpu_times()
        cpu = after.user + after.system - before.user - before.system
        return {
            "ms": walls,
            "cpu_ms": cpu * 1000 / settings["calls"],
            "commands": per_call(commands, command_calls(redis), settings["calls"]),
            "paced_ms": await send(settings["paced"], settings["pause_seconds"]),
        }


def summary(found: Samples) -> list[dict[str, Any]]:
    """단계마다 한 줄이고, 앞 줄과 견줍니다. 빈 엔드포인트는 앞의 함수들과 견주지 않습니다."""
    rows: list[dict[str, Any]] = []
    for title, values in found.items():
        row = row_of(title, values)
        if rows and title != EMPTY:
            row["added"] = rounded(row["p50"] - rows[-1]["p50"])
        if title == WHOLE:
            row["goal"] = GOAL
        rows.append(row)
    return rows


def row_of(title: str, values: dict[str, Any]) -> dict[str, Any]:
    """단계 하나의 한 줄입니다. 명령은 마지막 라운드에서 센 것입니다."""
    commands: dict[str, int] = values["commands"][-1]
    return {
        "step": title,
        "p50": rounded(statistics.median(values["ms"])),
        "p95": rounded(quantile(values["ms"], 0.95)),
        "paced_p50": rounded(statistics.median(values["paced_ms"])),
        "cpu_ms": round(statistics.fmean(values["cpu_ms"]), 3),
        "commands": sum(commands.values()),
        "names": ", ".join(commands) or None,
    }


def check(result: Result) -> list[str]:
    """뒤의 단계는 앞의 단계가 하는 일도 하므로 더 빠를 수 없습니다."""
    wrong = []
    rows = {row["step"]: row for row in result.rows}
    ladder = [rows[title] for title in (*STEPS.values(), WHOLE)]
    for lower, upper in pairwise(ladder):
        if upper["commands"] < lower["commands"]:
            wrong.append(f"{upper['step']}의 Redis 명령이 {lower['step']}보다 적습니다")
    for row in ladder[1:]:
        if row["p50"] < ladder[0]["p50"]:
            wrong.append(f"{row['step']}이(가) {ladder[0]['step']}보다 빠릅니다")
    if rows[EMPTY]["p50"] > rows[WHOLE]["p50"]:
        wrong.append("빈 엔드포인트가 04의 엔드포인트보다 느립니다")
    return wrong


def charts(result: Result) -> dict[str, Any]:
    """단계마다의 p50을 가로 막대로 그립니다."""
    from measurements import charts

    rows = list(reversed(result.rows))
    told = ", ".join(f"{row['step']} {results.written(row['p50'])} ms" for row in result.rows)
    figure, axes = charts.chart(TITLE, f"이어서 부를 때의 p50은 {told}입니다.", x="p50 (ms)", y="")
    with charts.styled():
        places = range(len(rows))
        for offset, key, label in ((0.2, "p50", "이어서"), (-0.2, "paced_p50", "쉬었다가")):
            heights = [place + offset for place in places]
            axes.barh(heights, [row[key] for row in rows], height=0.38, label=label)
        axes.set_yticks(list(places), [row["step"] for row in rows])
        axes.grid(visible=False, axis="y")
    charts.legend(figure)
    return {"steps": figure}
