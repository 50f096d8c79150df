"""`uv run lab`과 `python -m lab`이 시작하는 곳입니다."""

import os
import sys


def keep_bytecode() -> None:
    """컴파일한 바이트코드를 저장하게 합니다. 여기에서 시작하는 프로세스도 그렇게 합니다.

    컨테이너에는 이것을 막는 PYTHONDONTWRITEBYTECODE가 흔합니다. 그대로 두면 프로세스를 시작할
    때마다 라이브러리를 다시 컴파일하므로 두세 배 오래 걸립니다.
    """
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def main() -> None:
    """명령을 실행합니다. 자주 쓰는 명령은 필요한 것만 임포트해서, 기다리지 않게 합니다."""
    keep_bytecode()
    try:
        run_command(sys.argv[1] if len(sys.argv) > 1 else "")
    except KeyboardInterrupt:
        sys.exit(130)  # 임포트하는 동안 누른 Ctrl+C입니다. 아직 시작한 것이 없습니다.


def run_command(command: str) -> None:
    """명령을 맡은 모듈만 임포트해 실행합니다."""
    from lab import faults
    from lab.checking import commands

    if command in commands.COMMANDS:
        commands.main()
    elif command in faults.COMMANDS:
        faults.main()
    else:
        from lab import cli

        cli.main()


if __name__ == "__main__":
    main()
