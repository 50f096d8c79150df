"""예제를 처음 쓸 때 시작하고, 오래 쓰지 않으면 끝내고, 고장을 냅니다."""

import asyncio
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

from lab import catalogue, swagger
from lab.catalogue import Program, UnknownProgramError
from lab.processes import StartError
from lab.running import RunningProgram
from lab.services import ServiceUnavailableError
from lab.traces import TraceStore
from lab.tracing import tracing_variables

IDLE_SECONDS = 60 * float(os.environ.get("LAB_IDLE_MINUTES", "15"))
"""쓰지 않으면 예제를 끝내는 시간(초)입니다."""
CHECK_SECONDS = 5
ENDING = "실습 도구를 끝내는 중이라 시작하지 않았습니다"


class Supervisor:
    """실행 중인 예제를 모두 맡습니다. `close`를 부르면 아무 프로세스도 남지 않습니다."""

    def __init__(
        self,
        lab_url: str,
        store: TraceStore,
        on_line: Callable[[str, str, str], None],
        examples: Path = catalogue.EXAMPLES,
    ) -> None:
        self._lab_url = lab_url
        self._store = store
        self._on_line = on_line
        self._programs = catalogue.programs(examples)
        self._running: dict[str, RunningProgram] = {}
        self._starting: dict[str, RunningProgram] = {}
        self._closed = False
        self._errors: dict[str, list[str]] = {}
        self._used: dict[str, float] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        # 실행 중인 것이 많아도 한꺼번에 끝내도록, 스레드를 프로그램의 수만큼 쓸 수 있게 합니다.
        self._stopping = ThreadPoolExecutor(len(self._programs))

    def program(self, name: str) -> Program:
        """이름으로 예제나 함정을 찾습니다.

        Raises:
            UnknownProgramError: 그런 이름이 없을 때.
        """
        if name not in self._programs:
            similar = catalogue.hint(name, self._programs)
            raise UnknownProgramError(f"{name!r} 예제나 함정이 없습니다. {similar}")
        return self._programs[name]

    async def ensure(self, name: str) -> RunningProgram:
        """실행 중인 예제를 돌려줍니다. 실행 중이 아니면 시작합니다.

        Raises:
            UnknownProgramError: 그런 이름이 없을 때.
            StartError, ServiceUnavailableError: 시작하지 못했을 때.
        """
        program = self.program(name)
        self.touch(name)
        if name in self._running:
            return self._running[name]
        async with self._locks.setdefault(name, asyncio.Lock()):
            if name not in self._running:
                await self._start(program)
        return self._running[name]

    def touch(self, name: str) -> None:
        """지금 쓰고 있다고 적습니다. 요청, 응답의 조각, 스팬, 고장이 모두 쓰는 것입니다."""
        if name in self._programs:
            self._used[name] = time.monotonic()

    async def _start(self, program: Program) -> None:
        name = program.name
        if self._closed:
            raise StartError(ENDING)
        if "web" not in program.processes:
            raise StartError(f"{name}.py의 docstring 끝에 적힌 명령(web: …)을 읽을 수 없습니다")
        running = RunningProgram(
            program,
            lambda process, line: self._on_line(name, process, line),
            self._tracing(program),
        )
        self._starting[name] = running
        self._errors.pop(name, None)
        try:
            await asyncio.to_thread(running.start)
        except BaseException as error:
            await asyncio.to_thread(running.stop)
            if self._closed:
                raise StartError(ENDING) from None
            if isinstance(error, (StartError, ServiceUnavailableError)):
                self._errors[name] = str(error).splitlines()
            raise
        else:
            self._running[name] = running
        finally:
            del self._starting[name]

    def _tracing(self, program: Program) -> dict[str, str]:
        """예제의 자식에게 줄 환경 변수입니다. 스팬은 실습 도구로 옵니다."""
        return {
            **tracing_variables(program.name, program.imports, self._lab_url),
            **swagger.variables(program.name),
        }

    async def stop(self, name: str) -> None:
        """예제의 프로세스를 모두 끝냅니다."""
        self.program(name)
        async with self._locks.setdefault(name, asyncio.Lock()):
            running = self._running.pop(name, None)
            if running is not None:
                await self._end(running)

    async def _end(self, running: RunningProgram) -> None:
        await asyncio.get_running_loop().run_in_executor(self._stopping, running.stop)

    async def act(self, name: str, process: str, action: str) -> None:
        """프로세스에 고장을 내고 그 시각을 기록합니다. 거절한 것은 기록하지 않습니다.

        Raises:
            UnknownProgramError, UnknownProcessError: 그런 예제나 프로세스가 없을 때.
            StartError: 실행 중이 아니거나 지금 상태에서 할 수 없을 때.
        """
        self.program(name)
        running = self._running.get(name)
        if running is None:
            raise StartError(f"{name}: 실행 중이 아닙니다. 먼저 요청을 보내거나 start를 하세요")
        self.touch(name)
        began = time.time() * 1000
        await asyncio.to_thread(running.act, process, action)
        self._store.add_fault(
            {"time": began, "program": name, "process": process, "action": action}
        )

    def describe(self, name: str) -> dict[str, Any]:
        """예제 하나의 상태를 JSON으로 보낼 수 있는 딕셔너리로 돌려줍니다."""
        program = self.program(name)
        running = self._running.get(name)
        if name in self._starting:
            state = "starting"
        elif running is not None:
            state = "running"
        else:
            state = "failed" if name in self._errors else "stopped"
        return {
            "name": name,
            "kind": "pitfall" if program.folder.name == "pitfalls" else "example",
            "title": program.title,
            "state": state,
            "url": running.url if running else None,
            "processes": running.describe() if running else [],
            "error": self._errors.get(name, []),
        }

    def describe_all(self) -> list[dict[str, Any]]:
        """모든 예제와 함정의 상태입니다."""
        return [self.describe(name) for name in self._programs]

    async def stop_idle_programs(self) -> None:
        """오래 쓰지 않은 예제를 끝내는 일을 되풀이합니다. 취소될 때까지 돌아오지 않습니다."""
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            limit = time.monotonic() - IDLE_SECONDS
            for name in [name for name in self._running if self._used[name] < limit]:
                await self.stop(name)
                minutes = f"{IDLE_SECONDS / 60:g}"
                told = f"{name}: {minutes}분 동안 쓰지 않아 끝냈습니다. 다시 쓰면 시작합니다"
                self._on_line(name, "lab", told)

    async def close(self) -> None:
        """실행 중인 예제를 모두 끝냅니다. 시작하던 것은 더 기다리지 않고 그만둡니다."""
        self._closed = True
        starting = [self._end(running) for running in self._starting.values()]
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*starting, *(self.stop(name) for name in list(self._running)))
