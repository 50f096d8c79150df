"""실습 도구가 예제를 얼마나 느리게 하는지 잽니다.

시작에서 "준비됨"까지, 예제의 첫 응답, 프록시가 더하는 시간(중앙값), 화면 20개가 보고 있을 때의
처리량을 같은 실행에서 잽니다. 직접 부르기와 프록시를 거치기는 번갈아 부릅니다.
"""

import asyncio
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from platform import platform, python_version

import httpx

from lab.services import free_port

PATH = "/send-notification/user@example.com"
PAIRS = 300
VIEWERS = 20
SECONDS = 4.0
CLIENTS = 8


async def seconds_of(client: httpx.AsyncClient, url: str) -> float:
    """요청 하나에 걸린 시간(초)입니다."""
    started = time.perf_counter()
    (await client.post(url)).raise_for_status()
    return time.perf_counter() - started


async def requests_per_second(url: str) -> float:
    """클라이언트 여럿이 `SECONDS`초 동안 보낸 요청의 초당 개수입니다."""
    deadline = time.perf_counter() + SECONDS

    async def send(client: httpx.AsyncClient) -> int:
        count = 0
        while time.perf_counter() < deadline:
            (await client.post(url)).raise_for_status()
            count += 1
        return count

    async with httpx.AsyncClient(timeout=30) as client:
        return sum(await asyncio.gather(*(send(client) for _ in range(CLIENTS)))) / SECONDS


async def watch(client: httpx.AsyncClient, url: str) -> None:
    """취소될 때까지 실시간 타임라인을 봅니다."""
    async with client.stream("GET", url, timeout=None) as stream:
        async for _ in stream.aiter_raw():
            pass


async def measure(lab: str) -> None:
    """실행 중인 실습 도구를 재어 출력합니다."""
    async with httpx.AsyncClient(timeout=30) as client:
        first = await seconds_of(client, f"{lab}/run/01_basic{PATH}")
        print(f"예제의 첫 응답: {first:.2f}초 (목표 3초 미만)")
        direct = (await client.get(f"{lab}/lab/programs/01_basic")).json()["url"]
        pairs = [
            (
                await seconds_of(client, f"{direct}{PATH}"),
                await seconds_of(client, f"{lab}/run/01_basic{PATH}"),
            )
            for _ in range(PAIRS)
        ]
        alone, proxied = (statistics.median(times) * 1000 for times in zip(*pairs, strict=True))
        print(f"직접: {alone:.2f}ms, 프록시를 거쳐: {proxied:.2f}ms")
        print(f"프록시가 더하는 시간: {proxied - alone:.2f}ms (목표 3ms 미만)")

        without = await requests_per_second(f"{direct}{PATH}")
        viewers = [asyncio.create_task(watch(client, f"{lab}/lab/events")) for _ in range(VIEWERS)]
        await asyncio.sleep(0.5)
        watched = await requests_per_second(f"{direct}{PATH}")
        for viewer in viewers:
            viewer.cancel()
        again = await requests_per_second(f"{direct}{PATH}")
        base = (without + again) / 2
        print(f"처리량: {base:.0f}/초, {VIEWERS}명이 볼 때: {watched:.0f}/초")
        print(f"줄어든 처리량: {1 - watched / base:.0%} (목표 10% 미만)")


def main() -> None:
    """실습 도구를 실행하고 잽니다."""
    port = free_port()
    print(f"{date.today()}, {platform()}, Python {python_version()}, {os.cpu_count()} CPU")
    with tempfile.TemporaryDirectory() as folder:
        started = time.monotonic()
        lab = subprocess.Popen(
            [sys.executable, "-m", "lab", "--no-browser", "--port", str(port)],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )
        assert lab.stdout is not None
        for line in lab.stdout:
            if "준비됨" in line:
                break
        print(f"시작에서 준비까지: {time.monotonic() - started:.2f}초 (목표 3초 미만)")
        try:
            with tempfile.TemporaryFile("w") as rest:
                drain = subprocess.Popen(["cat"], stdin=lab.stdout, stdout=rest)
                asyncio.run(measure(f"http://127.0.0.1:{port}"))
        finally:
            lab.send_signal(signal.SIGINT)
            lab.wait(20)
            drain.wait(20)


if __name__ == "__main__":
    main()
