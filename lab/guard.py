"""자식 하나를 맡아, 실습 도구가 어떻게 끝나든 함께 끝나게 합니다.

실습 도구는 예제의 프로세스를 이 파일을 거쳐 실행합니다(`python guard.py 명령 ...`).
표준 입력이 실습 도구와 이어져 있어서, 도구가 kill -9로 사라져도 입력이 끊기는 것으로 알아챕니다.

표준 입력으로 받는 줄:
    stop  자식에게 SIGTERM을 보냅니다(Windows에서는 바로 끝냅니다).
    kill  자식과 그 자손을 모두 바로 끝냅니다.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress

import psutil

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
GRACE_SECONDS = 2.0
"""도구가 사라진 뒤 자식이 스스로 끝나기를 기다리는 시간(초)입니다."""


def family(pid: int) -> list[psutil.Process]:
    """프로세스와 그 자손입니다. 이미 끝났으면 빈 목록입니다.

    부모를 먼저 끝내도록 부모가 앞입니다. 자식이 먼저 죽으면 부모가 그것을 알고 일합니다.
    Celery 워커라면 풀의 프로세스를 잃은 태스크를 실패로 적고 메시지를 지웁니다.
    """
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def kill_family(child: subprocess.Popen[bytes]) -> None:
    """자식과 자손을 모두 바로 끝냅니다. 부모를 잃은 자손도 프로세스 그룹으로 찾습니다."""
    for process in family(child.pid):
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    if os.name == "posix":
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return


def adopt_orphans() -> None:
    """부모를 잃은 자손이 이 프로세스의 자식이 되게 합니다. 리눅스에만 있는 기능입니다."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


def kill_orphans() -> None:
    """자식이 끝난 뒤에 남은 것을 끝냅니다. 세션을 바꾸어 프로세스 그룹을 벗어난 자손입니다."""
    deadline = time.monotonic() + GRACE_SECONDS
    # 하나를 끝내면 그 자식이 다시 이리로 오므로, 남지 않을 때까지 되풀이합니다.
    while (orphans := psutil.Process().children()) and time.monotonic() < deadline:
        for orphan in orphans:
            with suppress(psutil.NoSuchProcess):
                orphan.kill()
        psutil.wait_procs(orphans, GRACE_SECONDS)


def obey(child: subprocess.Popen[bytes]) -> None:
    """표준 입력의 지시를 따르고, 입력이 끊기면 자식을 끝냅니다."""
    for line in sys.stdin:
        if line.strip() == "stop":
            child.terminate()
        elif line.strip() == "kill":
            kill_family(child)
    child.terminate()
    try:
        child.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        kill_family(child)


def die_with_guard() -> None:
    """guard가 kill -9로 죽으면 자식도 죽게 합니다. 리눅스에만 있는 기능입니다."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def main() -> int:
    """자식을 실행하고 그 종료 코드를 돌려줍니다."""
    adopt_orphans()
    child = subprocess.Popen(
        sys.argv[1:],
        stdin=subprocess.DEVNULL,
        start_new_session=os.name == "posix",
        preexec_fn=die_with_guard if sys.platform == "linux" else None,
    )
    threading.Thread(target=obey, args=(child,), daemon=True).start()
    code = child.wait()
    kill_family(child)
    kill_orphans()
    return code


if __name__ == "__main__":
    # 입력을 읽는 스레드가 남아 있어도 자식의 종료 코드로 바로 끝냅니다.
    code = main()
    os._exit(128 - code if code < 0 else code & 0xFF)
