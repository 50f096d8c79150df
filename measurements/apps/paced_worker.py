"""큐에서 태스크를 하나씩 꺼내 정해진 시간 동안 일하는 작은 워커. 언제 시작했는지 적습니다.

실행: python paced_worker.py 큐의_이름
"""

import os
import sys
import time

import redis

REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
TASK_SECONDS = float(os.environ.get("TASK_SECONDS", "0.01"))


def work(queue: str) -> None:
    """돌아오지 않습니다. 태스크는 도착한 때(유닉스 시각)를 적은 글입니다.

    시작할 때마다 도착한 때, 시작한 때, 그리고 앞의 태스크에 매여 있던 시간을 적습니다.
    """
    client = redis.Redis.from_url(REDIS_URL, decode_responses=True, socket_timeout=None)
    busy = 0.0
    while True:
        found = client.blpop([queue])
        started = time.time()
        assert found is not None
        client.rpush(f"started:{queue}", f"{found[1]!s} {started} {busy}")
        time.sleep(TASK_SECONDS)
        busy = time.time() - started


if __name__ == "__main__":
    work(sys.argv[1])
