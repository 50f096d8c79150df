"""커밋과 응답의 차례를 보고, 보내는 도중에 kill -9를 두 번 보낸 다음 나간 메일을 셉니다."""

import re
import sqlite3
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing, suppress
from pathlib import Path

from lab.checking import Answer, Short, Web, happens
from lab.checking.databases import commits_blocked

SEND_SECONDS = "0.12"
LONG_SECONDS = "0.25"
"""켜진 다음에도 아직 보내는 중인지 볼 때 씁니다. 바쁜 컴퓨터에서도 그 틈이 보여야 합니다."""
LAST_SECONDS = "0.05"
"""더 죽이지 않고 끝까지 보내기만 할 때 씁니다."""
MIDDLE_SECONDS = 0.05
"""파일이 이만큼 그대로이면, 적거나 지우는 중이 아니라 메일 한 통을 보내는 중입니다."""
QUIET_SECONDS = 1.5
"""파일이 이만큼 그대로이면 더 보낼 것이 없습니다."""
INSERT = re.compile(r"\bINSERT\b", re.IGNORECASE)
EMAILS = [f"user{number}@example.com" for number in range(5)]


def grade(answer: Answer) -> None:
    folder = answer.folder
    with answer.web(SEND_SECONDS=SEND_SECONDS) as web:
        check_the_commit_comes_first(web, folder / "mails.db", answer.source)
        wait_for_the_middle(folder, sent=2)
        web.kill()
    first = count(folder)
    check_one_by_one(first)
    with answer.web(SEND_SECONDS=LONG_SECONDS) as again:
        check_it_answers_while_sending(first, count(folder))
        wait_for_the_middle(folder, sent=len(first) + 1)
        again.kill()
    second = count(folder)
    check_it_went_on(first, second)
    with answer.web(SEND_SECONDS=LAST_SECONDS):
        wait_for_the_middle(folder, sent=len(EMAILS))
    check_nothing_is_lost(count(folder))
    check_nothing_is_repeated(count(folder))


def count(folder: Path) -> Counter[str]:
    """주소마다 나간 메일의 수입니다."""
    outbox = folder / "outbox.txt"
    return Counter(outbox.read_text(encoding="utf-8").split() if outbox.exists() else [])


def wait_for_the_middle(folder: Path, sent: int) -> None:
    """`sent`명에게 나가고 그다음 한 통을 보내는 중이거나, 더 나가지 않을 때까지 기다립니다."""
    seen, since = files_of(folder), time.monotonic()

    def in_the_middle() -> bool:
        nonlocal seen, since
        if (now := files_of(folder)) != seen:
            seen, since = now, time.monotonic()
        quiet = time.monotonic() - since
        return quiet > (MIDDLE_SECONDS if len(count(folder)) >= sent else QUIET_SECONDS)

    happens(in_the_middle, 15)


def files_of(folder: Path) -> dict[str, int]:
    """적거나 지우면 달라지는 것입니다. 커밋하는 동안에는 mails.db-journal이 있습니다."""
    found: dict[str, int] = {}
    for file in folder.iterdir():
        with suppress(FileNotFoundError):
            found[file.name] = file.stat().st_mtime_ns
    return found


def check_the_commit_comes_first(web: Web, database: Path, source: str) -> None:
    """커밋이 끝나지 못하게 막으면, 응답도 오지 않아야 합니다."""
    with ThreadPoolExecutor() as pool:
        with commits_blocked(database):
            answer = pool.submit(web.post, "/campaigns", json=EMAILS)
            answered, _ = wait([answer], timeout=0.15)
        status = answer.result().status_code
    if status != 200:
        raise Short(
            seen=f"POST /campaigns의 상태 코드가 {status}입니다.",
            why="주소의 목록을 받아 200으로 답해야 합니다.",
            look="서버의 마지막 오류를 보세요.",
        )
    if not answered:
        return
    seen = "데이터베이스의 커밋을 막아 두고 POST를 보냈는데 응답이 그대로 왔습니다."
    if happens(lambda: written(database) > 0, 0.5):
        if INSERT.search(endpoint_of(source)):
            raise Short(
                seen=seen,
                why="경로 처리 함수에서 적지만 커밋하지 않아, 태스크가 시작한 다음에 커밋합니다.",
                look="with database를 나가거나 commit()을 불러야 커밋됩니다.",
            )
        raise Short(
            seen=seen,
            why="태스크가 시작한 다음에 적습니다. 응답과 태스크 사이에 죽으면 모두 잃습니다.",
            look="응답하기 전에 실행되는 곳은 경로 처리 함수입니다.",
        )
    raise Short(
        seen=f"{seen} 그 뒤에도 unsent 표는 비어 있습니다.",
        why="지금 kill -9가 오면 아직 보내지 않은 주소는 어디에도 없습니다.",
        look="취소될 때 적으면 늦습니다. 응답하기 전에 적으세요.",
    )


def endpoint_of(source: str) -> str:
    """경로 처리 함수의 소스입니다."""
    return source.partition("def create_campaign")[2]


def written(database: Path) -> int:
    """unsent 표에 있는 줄의 수입니다."""
    with closing(sqlite3.connect(database)) as connection:
        return int(connection.execute("SELECT count(*) FROM unsent").fetchone()[0])


def check_one_by_one(first: Counter[str]) -> None:
    """둘째 메일이 나갔을 때 셋째는 아직 보내는 중입니다."""
    if len(first) == len(EMAILS):
        raise Short(
            seen=f"메일 {len(EMAILS)}통이 한꺼번에 나갔습니다.",
            why="함께 보내면 죽는 순간에 보내던 것도 여럿이라, 여럿이 두 번 나갈 수 있습니다.",
            look="한 통을 보내고 그 줄을 지운 다음에, 다음 것을 보내세요.",
        )


def check_it_answers_while_sending(first: Counter[str], now: Counter[str]) -> None:
    """다시 켠 서버는, 남은 메일을 다 보내기 전에 요청을 받아야 합니다."""
    left = len(EMAILS) - len(first)
    if left and len(now) == len(EMAILS):
        raise Short(
            seen=f"다시 켠 서버가 남은 {left}통을 모두 보낸 다음에야 요청을 받기 시작했습니다.",
            why="lifespan의 yield에 닿기 전에는 서버가 켜진 것이 아닙니다. 그동안 요청을 잃습니다.",
            look="lifespan이 보내기를 시작만 하는지, 끝나기까지 기다리는지 보세요.",
        )


def check_it_went_on(first: Counter[str], second: Counter[str]) -> None:
    """다시 켠 서버가 이어서 보내야 합니다."""
    if len(second) <= len(first):
        raise Short(
            seen=f"{len(first)}명에게 보내고 죽은 다음, 다시 켜도 새로 나간 메일이 없습니다.",
            why="적어 둔 주소가 있어도, 켤 때 읽어서 보내는 코드가 없으면 그대로 남습니다.",
            look="lifespan의 앞부분이 무엇을 시작하는지 보세요.",
        )


def check_nothing_is_lost(last: Counter[str]) -> None:
    """두 번 죽은 다음에도 모두에게 나가야 합니다."""
    lost = [email for email in EMAILS if email not in last]
    if not lost:
        return
    if lost == EMAILS[-len(lost) :]:
        raise Short(
            seen=f"두 번째로 죽인 다음에는 나가지 않아, 뒤의 {len(lost)}명이 받지 못했습니다.",
            why="다시 켠 서버가 남은 주소를 표에서 지우고 메모리에만 들고 있었습니다.",
            look="표에서 지워도 되는 때는 그 메일이 나간 다음뿐입니다.",
        )
    raise Short(
        seen=f"죽는 순간에 보내던 메일이 사라졌습니다. 받지 못한 사람: {', '.join(lost)}",
        why="지우고 나서 보내면, 그 사이에 죽었을 때 표에도 outbox.txt에도 없습니다.",
        look="보내는 줄과 지우는 줄의 차례를 보세요.",
    )


def check_nothing_is_repeated(last: Counter[str]) -> None:
    """두 번 나가도 되는 것은 죽을 때마다 한 통뿐입니다."""
    repeated = sum(last.values()) - len(last)
    if repeated > 2:
        raise Short(
            seen=f"두 번 죽이는 동안 이미 보낸 메일이 {repeated}통 다시 나갔습니다.",
            why="다시 나가도 되는 것은 죽는 순간에 보내던 한 통씩, 모두 두 통까지입니다.",
            look="한 통을 보낼 때마다 그 한 줄을 지우세요.",
        )
