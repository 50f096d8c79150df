"""`python -m lab`으로도 실행할 수 있게 합니다."""

from lab.cli import main

main()
