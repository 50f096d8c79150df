"""연습의 답을 실제 프로세스로 확인합니다. 채점기(graders/)가 쓰는 이름은 여기에 모여 있습니다.

채점기를 만들 때는 `uv run python -m lab.checking.trial 01-1`로 처음 파일, 답의 보기,
틀린 답을 한꺼번에 채점해 보세요.
"""

from lab.checking.answer import Answer
from lab.checking.processes import Process
from lab.checking.verdict import Short, happens, wait_until
from lab.checking.web import Web

__all__ = ["Answer", "Process", "Short", "Web", "happens", "wait_until"]
