"""실습 도구가 준비되는 시간과, 예제를 얼마나 느리게 하는지 잽니다."""

import asyncio
import json
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from lab.processes import Child, stop_all, wait_until_ready
from lab.services import free_port
from measurements.client import Client, Connection, fetch, request

PATH = "/send-notification/user@example.com"
START_SECONDS = 60
STOP_SECONDS = 20
CLIENTS = 8
"""처리량을 잴 때 쉬지 않고 보내는 클라이언트의 수입니다."""


@contextmanager
def running_lab() -> Iterator[tuple[str, float]]:
    """실습 도구의 주소와, 시작에서 "준비됨"까지 걸린 시간(초)입니다."""
    port = free_port()
    ready = threading.Event()

    def listen(_process: str, line: str) -> None:
        if "준비됨" in line:
            ready.set()

    command = [sys.executable, "-m", "lab", "--no-browser", "--port", str(port)]
    with tempfile.TemporaryDirectory(prefix="measure-") as folder:
        started = time.monotonic()
        child = Child("lab", command, Path(folder), {}, listen)
        try:
            wait_until_ready(child, ready.is_set, START_SECONDS)
            yield f"http://127.0.0.1:{port}", time.monotonic() - started
        finally:
            stop_all([child], STOP_SECONDS)


async def first_request(lab: str) -> float:
    """아직 시작하지 않은 예제에 보낸 요청의 응답 시간(초)입니다."""
    return (await fetch(lab, request("POST", f"/run/01_basic{PATH}"), START_SECONDS)).seconds


async def address_of_example(lab: str) -> str:
    """실습 도구를 거치지 않는 예제의 주소입니다."""
    answer = await fetch(lab, request("GET", "/lab/programs/01_basic"))
    address: str = json.loads(answer.body)["url"]
    return address


async def pairs(lab: str, direct: str, count: int) -> tuple[list[float], list[float]]:
    """직접 부르기와 실습 도구를 거쳐 부르기를 번갈아 한 응답 시간(ms)입니다."""
    alone, proxied = [], []
    async with Client(direct) as straight, Client(lab) as through:
        (first,), (second,) = await straight.connect(1), await through.connect(1)
        for _ in range(count):
            alone.append((await first.send(request("POST", PATH))).seconds * 1000)
            answer = await second.send(request("POST", f"/run/01_basic{PATH}"))
            proxied.append(answer.seconds * 1000)
    return alone, proxied


async def requests_per_second(direct: str, seconds: float) -> float:
    """클라이언트 `CLIENTS`개가 쉬지 않고 보낸 요청의 초당 개수입니다."""
    until = time.perf_counter() + seconds

    async def send(connection: Connection) -> int:
        count = 0
        while time.perf_counter() < until:
            await connection.send(request("POST", PATH))
            count += 1
        return count

    async with Client(direct) as client:
        counts = await asyncio.gather(*map(send, await client.connect(CLIENTS)))
    return sum(counts) / seconds


@contextmanager
def watching(lab: str, viewers: int) -> Iterator[None]:
    """안에 있는 동안 `viewers`명이 실시간 타임라인을 봅니다."""

    async def watch() -> None:
        host, _, port = urlsplit(lab).netloc.partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        try:
            writer.write(request("GET", "/lab/events"))
            while await reader.read(65536):
                pass
        finally:
            writer.close()

    tasks = [asyncio.ensure_future(watch()) for _ in range(viewers)]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
