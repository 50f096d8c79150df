"""`uv run lab`과 `python -m lab`이 시작하는 곳입니다."""

import sys


def main() -> None:
    """명령을 실행합니다. 연습의 명령은 필요한 것만 임포트해서, 기다리지 않게 합니다."""
    from lab.checking import commands

    if sys.argv[1:2] and sys.argv[1] in commands.COMMANDS:
        commands.main()
    else:
        from lab import cli

        cli.main()


if __name__ == "__main__":
    main()
