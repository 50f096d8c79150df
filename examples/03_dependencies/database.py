"""SQLite 파일에 아이템을 저장합니다."""

import os
import sqlite3
import time

DATABASE_PATH = os.environ.get("DATABASE_PATH", "items.db")
ITEM_SECONDS = float(os.environ.get("ITEM_SECONDS", "1"))


class Database:
    """SQLite 세션 하나입니다. 저장하는 메서드는 커밋까지 마치고 돌아옵니다."""

    def __init__(self) -> None:
        # 동기 의존성의 앞부분과 뒷부분은 서로 다른 스레드에서 실행될 수 있습니다.
        self.connection = sqlite3.connect(DATABASE_PATH, timeout=30, check_same_thread=False)
        self.connection.execute("CREATE TABLE IF NOT EXISTS items (id INTEGER PRIMARY KEY, status)")

    def save_status(self, item_id: int, status: str) -> None:
        """아이템의 상태를 저장하고 커밋합니다."""
        with self.connection:
            self.connection.execute("REPLACE INTO items VALUES (?, ?)", (item_id, status))

    def find_status(self, item_id: int) -> str | None:
        """아이템의 상태를 반환합니다. 없는 아이템이면 None입니다."""
        query = "SELECT status FROM items WHERE id = ?"
        row: tuple[str] | None = self.connection.execute(query, (item_id,)).fetchone()
        return row[0] if row else None

    def process_item(self, item_id: int) -> None:
        """ITEM_SECONDS초 동안 아이템을 처리하고 상태를 '완료'로 바꿉니다."""
        time.sleep(ITEM_SECONDS)
        self.save_status(item_id, "완료")

    def close(self) -> None:
        """연결을 닫습니다."""
        self.connection.close()
