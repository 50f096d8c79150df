"""명령을 실행하고, 정한 프로세스가 어떻게 끝나든 함께 끝냅니다. 테스트 프로세스들이 나누어 씁니다.

`python -m harness.keeper 프로세스번호 명령…`으로 실행합니다.
"""

import subprocess
import sys

import psutil

from lab.guard import kill_family


def main() -> None:
    pid, *command = sys.argv[1:]
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        psutil.Process(int(pid)).wait()
    except psutil.NoSuchProcess:
        pass
    finally:
        kill_family(child)


if __name__ == "__main__":
    main()
