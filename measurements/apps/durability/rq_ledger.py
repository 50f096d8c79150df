"""06 예제의 워커를 그대로 실행합니다. 장부만 파일로 바꿉니다."""

from importlib import import_module

import effects
from rq import get_current_job
from rq.cli import main


def number_of_this_task() -> int:
    job = get_current_job()
    assert job is not None
    number: int = job.args[0]["number"]
    return number


if __name__ == "__main__":
    # 워커는 태스크마다 갈라져 나온 자식에서 이 모듈을 씁니다.
    import_module("tasks").ledger = effects.Ledger(number_of_this_task)
    main()
