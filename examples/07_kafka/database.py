"""컨슈머가 이벤트를 읽어 만든 상태입니다. 지워도 로그를 처음부터 읽으면 다시 만들 수 있습니다."""

import os
import sqlite3
from typing import Literal

from pydantic import BaseModel

from events import UserCreated

DATABASE_PATH = os.environ.get("DATABASE_PATH", "coupons.db")


class User(BaseModel):
    user_id: str
    email: str
    coupon: Literal["처리 중", "완료"]
    deliveries: int
    """같은 이벤트를 받은 횟수입니다. 여러 번 받아도 쿠폰은 한 장입니다."""


class Database:
    """환영 쿠폰을 적어 두는 SQLite 연결 하나입니다. 키는 이벤트의 id입니다."""

    def __init__(self, path: str = DATABASE_PATH) -> None:
        self.connection = sqlite3.connect(path, timeout=30)
        self.connection.row_factory = sqlite3.Row
        self.connection.execute(
            "CREATE TABLE IF NOT EXISTS coupons"
            " (event_id PRIMARY KEY, user_id, email, coupon, deliveries)"
        )

    def record_delivery(self, event: UserCreated) -> None:
        """이벤트를 받았다고 적습니다."""
        with self.connection:
            self.connection.execute(
                "INSERT INTO coupons VALUES (?, ?, ?, '처리 중', 1)"
                " ON CONFLICT DO UPDATE SET deliveries = deliveries + 1",
                (event.event_id, event.user_id, event.email),
            )

    def issue_coupon(self, event: UserCreated) -> bool:
        """쿠폰을 발급합니다. 이 이벤트로 이미 발급했으면 아무것도 바꾸지 않고 False입니다."""
        query = "UPDATE coupons SET coupon = '완료' WHERE event_id = ? AND coupon = '처리 중'"
        with self.connection:
            return self.connection.execute(query, (event.event_id,)).rowcount == 1

    def find_user(self, user_id: str) -> User | None:
        """사용자의 쿠폰이 어떤 상태인지 반환합니다. 모르는 사용자이면 None입니다."""
        query = "SELECT * FROM coupons WHERE user_id = ?"
        row = self.connection.execute(query, (user_id,)).fetchone()
        return User.model_validate(dict(row)) if row else None

    def close(self) -> None:
        """연결을 닫습니다."""
        self.connection.close()
