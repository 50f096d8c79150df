"""`python -m measurements`로도 실행합니다."""

from measurements.cli import main

main()
