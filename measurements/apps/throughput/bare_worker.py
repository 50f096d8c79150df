"""라이브러리 없이 Redis의 리스트만 씁니다. 다른 시스템이 넘을 수 없는 값을 압니다.

실행: python bare_worker.py 큐의_이름
"""

import os
import sys
from functools import cache

import effect
import redis

connected = cache(redis.Redis.from_url)


def publish(url: str, queue: str, task: str, count: int) -> None:
    client = connected(url)
    for _ in range(count):
        client.lpush(queue, f"{task} {queue}")


def main(queue: str) -> None:
    client = redis.Redis.from_url(
        os.environ["REDIS_URL"], decode_responses=True, socket_timeout=None
    )
    while True:
        found = client.brpop([queue])
        assert found is not None
        task, _, label = str(found[1]).partition(" ")
        getattr(effect, task)(label)


if __name__ == "__main__":
    main(sys.argv[1])
