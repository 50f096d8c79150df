"""디스크가 느린 Valkey: fsync를 맡은 스레드만 멈추어, 끝나지 않는 fsync를 만듭니다."""

import ctypes
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

# 값은 리눅스의 sys/ptrace.h와 sys/wait.h에 있습니다.
PTRACE_ATTACH = 16
WAIT_FOR_THREADS = 0x40000000
FSYNC_THREAD = "bio_aof"


@contextmanager
def slow_disk(pid: int) -> Iterator[None]:
    """`with` 안에서는 Valkey가 맡긴 fsync가 끝나지 않습니다. 나갈 때 SIGKILL로 죽입니다."""
    thread = next(
        int(task.name)
        for task in Path(f"/proc/{pid}/task").iterdir()
        if (task / "comm").read_text().startswith(FSYNC_THREAD)
    )
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.ptrace(PTRACE_ATTACH, thread, None, None) != 0:
        reason = f"스레드를 멈추지 못했습니다: {os.strerror(ctypes.get_errno())}"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)  # ptrace를 막은 컨테이너입니다.
    os.waitpid(thread, WAIT_FOR_THREADS)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGKILL)
        # 붙잡은 스레드를 거두어야 프로세스도 끝납니다.
        os.waitpid(thread, WAIT_FOR_THREADS)
