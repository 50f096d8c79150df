"""04 예제가 태스크를 큐에 넣는 일을 단계로 나누어 잽니다. 예제의 폴더에서 실행합니다.

실행: python publish_steps.py 부르는_수 쉬었다가_부르는_수 쉬는_초
"""

import importlib
import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

BODY = {"user": 1, "order": 2}
WARM = 20
TASK = "celery_worker.process_data_task"
Step = Callable[[], Any]


def steps(example: Any) -> dict[str, Step]:
    """단계의 이름과, 한 번 부르는 함수입니다. 뒤의 것은 앞의 것이 하는 일도 합니다."""
    app = example.celery_app
    redis = app.backend.client
    producer = app.connection_for_write().Producer(serializer="json", auto_declare=False)
    # Celery가 큐에 넣는 바이트 그대로 보내어, 크기가 달라 빠르거나 느려지지 않게 합니다.
    example.process_data(BODY)
    message = redis.lpop("celery")
    return {
        "lpush": lambda: redis.lpush("celery", message),
        "kombu": lambda: producer.publish([[BODY], {}, {}], exchange="", routing_key="celery"),
        "send_task": lambda: app.send_task(TASK, (BODY,), ignore_result=True),
        "apply_async": lambda: example.process_data_task.apply_async((BODY,)),
        "process_data": lambda: example.process_data(BODY),
    }


def timed(call: Step, times: int, pause: float = 0) -> list[float]:
    """`times`번 부르고, 한 번에 걸린 시간(ms)을 돌려줍니다. 부르기 전에 `pause`초 쉽니다."""
    found = []
    for _ in range(times):
        time.sleep(pause)
        started = time.perf_counter()
        call()
        found.append(round((time.perf_counter() - started) * 1000, 4))
    return found


def command_calls(redis: Any) -> Counter[str]:
    """브로커가 지금까지 받은 명령의 이름과 수입니다. 물어보는 명령(INFO)은 뺍니다."""
    stats = redis.info("commandstats")
    calls = {name.removeprefix("cmdstat_").upper(): each["calls"] for name, each in stats.items()}
    return Counter({name: count for name, count in calls.items() if name != "INFO"})


def per_call(before: Counter[str], after: Counter[str], calls: int) -> dict[str, int]:
    """한 번 부를 때마다 받은 명령의 이름과 수입니다. 어쩌다 섞인 명령은 뺍니다."""
    found = {name: round((after[name] - before[name]) / calls) for name in after}
    return {name: count for name, count in sorted(found.items()) if count}


def measured(call: Step, redis: Any, calls: int, paced: int, pause: float) -> dict[str, Any]:
    """단계 하나의 걸린 시간과 CPU(ms), 브로커가 받은 명령입니다."""
    timed(call, WARM)
    commands = command_calls(redis)
    cpu = time.process_time()
    walls = timed(call, calls)
    return {
        "ms": walls,
        "cpu_ms": (time.process_time() - cpu) * 1000 / calls,
        "commands": per_call(commands, command_calls(redis), calls),
        "paced_ms": timed(call, paced, pause),
    }


def main(calls: int, paced: int, pause: float) -> None:
    """모든 단계를 재어 JSON 한 줄로 출력합니다."""
    sys.path.insert(0, str(Path.cwd()))
    example = importlib.import_module("main")
    redis = example.celery_app.backend.client
    found = {
        name: measured(call, redis, calls, paced, pause) for name, call in steps(example).items()
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
