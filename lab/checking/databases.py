"""답이 쓰는 SQLite 파일을 붙잡아, 커밋이 언제 일어나는지 봅니다."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path


@contextmanager
def commits_blocked(database: Path) -> Iterator[None]:
    """`with` 안에서는 다른 연결의 커밋이 기다립니다. 읽기는 막지 않습니다.

    SQLite는 읽고 있는 연결이 있는 동안 커밋을 끝내지 않습니다. 이때 온 응답은 커밋보다 먼저입니다.
    """
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        yield
