"""수업 페이지의 틀과 용어집 링크를 확인합니다."""

import re
from collections.abc import Collection, Iterator

from harness.prose import COMMENT, FRONT_MATTER, IMAGE, blank, texts
from lab.scenarios import without_code

SECTIONS = {
    "run": "실행하기",
    "timeline": "무슨 일이 일어나는가",
    "code": "코드 읽기",
    "pitfalls": "함정",
    "check": "확인 문제",
    "exercises": "실습",
    "key-points": "핵심 정리",
}
TERMS = {
    "background-task": "백그라운드 태스크",
    "task-function": "태스크 함수",
    "path-operation-function": "경로 처리 함수",
    "dependency": "의존성",
    "event-loop": "이벤트 루프",
    "thread-pool": "스레드풀",
    "coroutine": "코루틴",
    "blocking": "블로킹",
    "concurrency": "동시성",
    "parallelism": "병렬성",
    "worker": "워커",
    "task-queue": "작업 큐",
    "broker": "브로커",
    "result-backend": "결과 백엔드",
    "idempotency": "멱등",
    "polling": "폴링",
    "retry": "재시도",
    "backoff": "백오프",
    "visibility-timeout": "가시성 타임아웃",
    "graceful-shutdown": "우아한 종료",
    "loss": "유실",
    "ack": "확인 응답",
    "prefetch": "프리페치",
    "outbox": "아웃박스",
    "span": "스팬",
    "trace": "추적",
    "timeline": "타임라인",
    "serialization": "직렬화",
    "context-variable": "컨텍스트 변수",
    "semaphore": "세마포어",
    "connection-pool": "연결 풀",
    "event-log": "이벤트 로그",
    "topic": "토픽",
    "partition": "파티션",
    "offset": "오프셋",
    "consumer": "컨슈머",
    "consumer-group": "컨슈머 그룹",
    "dead-letter-topic": "데드 레터 토픽",
}
H2 = re.compile(r"^## (.*?) \{ #([\w-]+) \}$", re.MULTILINE)
FULL_LINK = re.compile(r"\[([^\]]*)\]\(([^)]*)\)")
QUESTION = re.compile(r"^\?\?\? question ", re.MULTILINE)
INSTRUCTOR = re.compile(r'^\?\?\? note "강사 노트 \(\d+분\)"$', re.MULTILINE)
MINIMUM_QUESTIONS = 3


def parts_in_order(page: str) -> list[str]:
    """페이지에 나오는 틀의 조각을 나오는 차례로 늘어놓습니다."""
    marks = {
        "질문": re.search(r'^!!! question "질문"$', page, re.MULTILINE),
        "학습 목표": re.search(r"^\*\*학습 목표\.\*\* ", page, re.MULTILINE),
        "강사 노트": INSTRUCTOR.search(page),
    }
    found = [(match.start(), name) for name, match in marks.items() if match]
    found += [(match.start(), f"{match[1]} #{match[2]}") for match in H2.finditer(page)]
    return [name for _, name in sorted(found)]


def pitfalls_of(page: str) -> list[str]:
    """페이지가 다루는 함정의 이름입니다."""
    return re.findall(r"^<!-- pitfall (\S+) -->$", page, re.MULTILINE)


def wrong_frame(page: str, pitfalls: Collection[str]) -> Iterator[str]:
    """수업 페이지의 틀에서 어긋난 것입니다. `pitfalls`는 여기에서 다루어야 할 함정의 이름입니다."""
    front = FRONT_MATTER.match(page)
    for key, pattern in (("title", r"\S.*"), ("teaching", r"\d+"), ("exercises", r"\d+")):
        if not front or not re.search(rf"^{key}: {pattern}$", front[0], re.MULTILINE):
            yield f"머리말에 {key}이(가) 없습니다"
    expected = [f"{title} #{id}" for id, title in SECTIONS.items()]
    expected = ["질문", "학습 목표", *expected, "강사 노트"]
    if parts_in_order(page) != expected:
        yield f"차례가 다릅니다: {' · '.join(parts_in_order(page))}"
    check = page.partition("{ #check }")[2].partition("\n## ")[0]
    if len(QUESTION.findall(check)) < MINIMUM_QUESTIONS:
        yield f"확인 문제가 {MINIMUM_QUESTIONS}개보다 적습니다"
    for directive in ("pitfall", "pitfall-code"):
        named = re.findall(rf"^<!-- {directive} (\S+) -->$", page, re.MULTILINE)
        yield from (
            f"{name}: {directive}이(가) 없습니다" for name in sorted({*pitfalls} - {*named})
        )
        yield from (
            f"{name}: {directive}을(를) {named.count(name)}번 썼습니다"
            for name in dict.fromkeys(named)
            if named.count(name) > 1
        )


def glossary_ids(glossary: str) -> set[str]:
    """용어집에 있는 id입니다."""
    return set(re.findall(r"\{ #([\w-]+) \}", glossary))


def prose_of(page: str) -> str:
    """제목을 뺀 글입니다. 링크는 그대로 있습니다."""
    raw = (text.raw for text in texts(page) if text.kind not in ("heading", "title"))
    return IMAGE.sub("", " \n".join(raw))


def is_linked_first(term: str, identifier: str, prose: str) -> bool:
    """용어가 나오지 않거나, 처음 나올 때 용어집으로 이어지면 참입니다."""
    first = re.search(rf"(?<![가-힣]){re.escape(term)}", prose)
    return first is None or any(
        link.start() < first.start() < link.end() and link[2].endswith(f"glossary.md#{identifier}")
        for link in FULL_LINK.finditer(prose)
    )


def unlinked_terms(page: str) -> Iterator[str]:
    """수업 페이지의 글에서 처음 나오는데 용어집으로 이어지지 않은 용어입니다.

    질문과 학습 목표에서 먼저 말한 용어는, 본문에서 처음 나올 때 이어도 됩니다.
    """
    opening, run, body = page.partition("## 실행하기 { #run }")
    whole, rest = prose_of(page), prose_of(body if run else opening)
    for identifier, term in TERMS.items():
        if term in rest and is_linked_first(term, identifier, rest):
            continue
        if not is_linked_first(term, identifier, whole):
            yield f"{term}: 처음 나올 때 ../glossary.md#{identifier}로 이으세요"


def outside_links(page: str) -> set[str]:
    """페이지가 가리키는 다른 사이트의 주소입니다. 실습 도구가 제공하는 주소는 뺍니다."""
    clean = without_code(blank(COMMENT, blank(FRONT_MATTER, page)))
    found = re.findall(r"\bhttps?://[^\s)>\"']+", clean)
    local = ("http://127.0.0.1", "http://localhost", "http://www.w3.org/")
    return {link for link in found if not link.startswith(local)}
