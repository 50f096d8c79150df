"""채점하는 동안만 쓰는 Redis 호환 서버입니다.

redis 라이브러리는 임포트하는 데 오래 걸리므로, 쓰는 채점기만 이 파일을 임포트합니다.
"""

import time

import redis

from lab.checking.services import START_SECONDS, Broker
from lab.checking.verdict import Trouble


class RedisBroker(Broker):
    """Redis 호환 서버입니다. `client`로 안을 들여다볼 수 있습니다."""

    def start(self) -> None:
        """시작하고 PONG을 받을 때까지 기다립니다."""
        # 만들기만 하고 연결은 하지 않습니다. 시작하지 못해도 kill이 닫을 것이 있게 합니다.
        self.client = redis.Redis.from_url(self.url, decode_responses=True)
        super().start()
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self.client.ping()
            except redis.RedisError:
                # 연결을 받기 시작한 뒤에도 데이터를 읽는 동안은 답하지 않습니다.
                if time.monotonic() > deadline:
                    raise Trouble("브로커가 PONG을 보내지 않습니다. 다시 확인하세요") from None
                time.sleep(0.01)
            else:
                return

    def kill(self) -> None:
        """kill -9로 끝냅니다."""
        if self._child is not None:
            self.client.close()
        super().kill()
