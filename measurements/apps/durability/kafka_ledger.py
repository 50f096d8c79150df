"""07 예제의 컨슈머를 그대로 실행합니다. 쿠폰을 적는 데이터베이스만 파일로 바꿉니다."""

from importlib import import_module
from typing import Any

import effects


class Database:
    """이름이 태스크의 번호인 이벤트를 받습니다. 두 번 발급하면 두 줄이 남습니다."""

    def __init__(self, path: str) -> None:
        self.path = path

    def record_delivery(self, event: Any) -> None:
        """이벤트를 받았다는 것만으로는 일을 마친 것이 아니므로 적지 않습니다."""

    def issue_coupon(self, event: Any) -> bool:
        effects.write(int(event.name))
        return True

    def close(self) -> None:
        """닫을 것이 없습니다."""


if __name__ == "__main__":
    consumer = import_module("consumer")
    consumer.Database = Database
    consumer.main()
