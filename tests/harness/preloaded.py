"""무거운 모듈을 미리 읽어 둔 프로세스에서 갈라져 나오는(fork) 파이썬 프로세스.

uvicorn, Celery, RQ는 임포트하는 데 오래 걸립니다. 테스트마다 되풀이하지 않도록 표준 라이브러리의
forkserver가 한 번만 임포트하고, 자식은 거기에서 갈라져 나옵니다. 갈라진 뒤에 실행되는 것은
`python -m uvicorn` 같은 명령과 같습니다.
"""

import functools
import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import threading
import warnings
from collections.abc import Mapping, Sequence
from multiprocessing import connection, forkserver
from multiprocessing.context import ForkServerContext
from pathlib import Path

import coverage
import pytest

MODULES = [
    *("coverage", "coverage.sqldata"),
    *("email_validator", "fastapi", "fastapi_cli.cli", "pydantic.v1", "redis", "sqlalchemy.orm"),
    *("uvicorn.main", "uvicorn.lifespan.on", "uvicorn.loops.auto"),
    *("uvicorn.protocols.http.auto", "uvicorn.protocols.websockets.auto"),
    *("celery.bin.celery", "celery.apps.worker", "celery.backends.redis"),
    *("celery.concurrency.prefork", "celery.worker.consumer", "kombu.transport.redis"),
    *("rq.cli", "confluent_kafka.aio"),
    # 자식은 이 파일의 함수를 실행하므로, 이 파일이 임포트하는 pytest까지 미리 읽습니다.
    "harness.preloaded",
    "harness.preload_end",
]
COVERAGE = "COVERAGE_PROCESS_CONFIG"
"""이 환경 변수를 받은 자식은 커버리지를 잽니다."""
AVAILABLE = "forkserver" in multiprocessing.get_all_start_methods()


@functools.cache
def server() -> ForkServerContext:
    """모듈을 미리 읽어 둔 프로세스입니다. 커버리지를 재지 않으며, 재는 자식은 스스로 시작합니다."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(MODULES)
    with pytest.MonkeyPatch.context() as environment:
        environment.delenv(COVERAGE, raising=False)
        environment.setenv("PYTHONPATH", str(Path(__file__).parent.parent))
        forkserver.ensure_running()
    return context


def run_module(
    module: str, arguments: Sequence[str], cwd: str, env: Mapping[str, str], output: str
) -> None:
    """자식 프로세스에서 `python -m module 인자…`를 실행하고, 출력을 파일에 적습니다."""
    os.setsid()
    threading.Thread(target=end_with_parent, daemon=True).start()
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    coverage.process_startup()
    log = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", line_buffering=True)  # type: ignore[union-attr]
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.argv = [module, *arguments]
    # 파이썬이 시작하면서 읽는 PYTHONPATH와 PYTHONWARNINGS를, 이미 시작한 프로세스에도 적용합니다.
    for option in filter(None, env.get("PYTHONWARNINGS", "").split(",")):
        action, message = f"{option}:".split(":")[:2]
        warnings.filterwarnings(action, message)  # type: ignore[arg-type]
    sys.path[:0] = ["", *filter(None, env.get("PYTHONPATH", "").split(os.pathsep))]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def end_with_parent() -> None:
    """테스트의 프로세스가 정리하지 못하고 죽으면, 갈라져 나온 프로세스도 자손과 함께 끝냅니다."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    connection.wait([parent.sentinel])
    os.killpg(0, signal.SIGKILL)


class Popen:
    """`subprocess.Popen`처럼 다루는, 갈라져 나온 프로세스입니다."""

    def __init__(
        self,
        module: str,
        arguments: Sequence[str],
        cwd: Path,
        env: Mapping[str, str],
        output: Path,
    ) -> None:
        self._process = server().Process(
            target=run_module, args=(module, list(arguments), str(cwd), dict(env), str(output))
        )
        self._process.start()
        assert self._process.pid is not None
        self.pid = self._process.pid
        # 종료 코드는 한 번만 읽을 수 있습니다. 두 스레드가 함께 읽으면 늦은 쪽이 255를 적습니다.
        self._reading = threading.Lock()

    def poll(self) -> int | None:
        with self._reading:
            return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        connection.wait([self._process.sentinel], timeout)
        code = self.poll()
        if code is None:
            raise subprocess.TimeoutExpired("preloaded", timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)
