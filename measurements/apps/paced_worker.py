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
    """돌아오지 않습니다. 태스크는 도착한 때(유닉스 시각)를 적은 글입니다."""
    client = redis.Redis.from_url(REDIS_URL)
    while True:
        _, arrived = client.blpop([queue])
        started = time.time()
        time.sleep(TASK_SECONDS)
        client.rpush(f"done:{queue}", f"{arrived.decode()} {started}")


if __name__ == "__main__":
    work(sys.argv[1])
