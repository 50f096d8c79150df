"""시키는 대로 태스크를 넣고 걸린 시간을 알려 줍니다. 임포트와 연결은 한 번만 합니다.

실행: python publisher.py 이름. 지시와 답은 Redis의 리스트로 주고받습니다.
"""

import importlib
import json
import os
import sys
import time
import traceback
from typing import Any

import redis


def obey(order: dict[str, Any]) -> dict[str, Any]:
    """지시 하나를 따릅니다. 실패하면 까닭을 답합니다."""
    try:
        module = importlib.import_module(order["module"])
        call = getattr(module, order["call"])
        started = time.perf_counter()
        call(order["url"], order["queue"], order["task"], order["count"])
    except Exception:
        return {"error": traceback.format_exc()}
    return {"seconds": time.perf_counter() - started}


def main(name: str) -> None:
    client = redis.Redis.from_url(
        os.environ["REDIS_URL"], decode_responses=True, socket_timeout=None
    )
    while True:
        found = client.brpop([f"orders:{name}"])
        assert found is not None
        client.lpush(f"answers:{name}", json.dumps(obey(json.loads(found[1]))))


if __name__ == "__main__":
    main(sys.argv[1])
