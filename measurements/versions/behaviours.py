"""버전마다 확인하는 동작: 무엇을 묻고, 일어난 일을 어떻게 읽으며, 언제 답이 바뀌었는가."""

from collections.abc import Callable
from dataclasses import dataclass

from packaging.version import Version

Events = list[str]


@dataclass(frozen=True)
class Change:
    """답이 바뀐 때입니다."""

    before: str
    """바뀌기 전의 마지막 버전입니다."""
    since: str
    answer: bool


@dataclass(frozen=True)
class Behaviour:
    """동작 하나입니다. `name`은 apps/에 있는 앱의 이름이기도 합니다."""

    name: str
    title: str
    """표의 제목입니다."""
    claim: str
    """참이면 "예"인 문장입니다."""
    holds: Callable[[Events], bool]
    """일어난 일에서 그 문장이 참인지 읽습니다."""
    at_first: bool | None
    """가장 오래된 버전의 답입니다. None은 그 기능이 없다는 뜻입니다."""
    changes: tuple[Change, ...] = ()
    package: str = "fastapi"
    """어느 라이브러리의 버전에 달렸는지입니다."""

    def expected(self, version: str) -> bool | None:
        """알려진 대로라면 그 버전에서 나와야 하는 답입니다."""
        answer = self.at_first
        for change in self.changes:
            if Version(version) >= Version(change.since):
                answer = change.answer
        return answer


def in_order(*events: str) -> Callable[[Events], bool]:
    """모두 일어났고, 적은 차례대로 일어났으면 참입니다."""

    def holds(found: Events) -> bool:
        places = [found.index(event) for event in events if event in found]
        return len(places) == len(events) and places == sorted(places)

    return holds


def happened(event: str) -> Callable[[Events], bool]:
    """일어났으면 참입니다."""
    return lambda found: event in found


TWICE_CHANGED = (Change("0.105.0", "0.106.0", False), Change("0.117.1", "0.118.0", True))
"""yield 의존성과 업로드 파일의 정리는 0.106에서 앞당겨졌다가 0.118에서 되돌아왔습니다."""

BEHAVIOURS = (
    Behaviour(
        "dependency_after_task",
        "의존성은 태스크 뒤에 닫힘",
        "기본 의존성의 뒷부분은 태스크가 끝난 뒤에 실행됩니다",
        in_order("응답 끝", "태스크", "닫기"),
        True,
        TWICE_CHANGED,
    ),
    Behaviour(
        "dependency_after_stream",
        "스트리밍 중에 열려 있음",
        "본문을 나누어 보내는 동안 의존성이 열려 있습니다",
        in_order("열기", "읽기", "닫기"),
        True,
        TWICE_CHANGED,
    ),
    Behaviour(
        "function_scope",
        "scope로 응답 전에 닫기",
        'scope="function"인 의존성의 뒷부분은 응답보다 먼저 실행됩니다',
        in_order("닫기", "응답 시작", "태스크"),
        None,
        (Change("0.120.4", "0.121.0", True),),
    ),
    Behaviour(
        "task_after_yield",
        "yield 뒤에 등록한 태스크",
        "의존성이 yield 뒤에 등록한 태스크도 실행됩니다",
        happened("태스크"),
        False,
        (Change("0.105.0", "0.106.0", True), Change("0.117.1", "0.118.0", False)),
    ),
    Behaviour(
        "upload_in_task",
        "태스크에서 UploadFile",
        "태스크가 UploadFile을 읽을 수 있습니다",
        happened("파일 읽기"),
        True,
        TWICE_CHANGED,
    ),
    Behaviour(
        "upload_in_create_task",
        "create_task에서 UploadFile",
        "asyncio.create_task로 띄운 코루틴이 응답이 끝난 뒤에 UploadFile을 읽을 수 있습니다",
        happened("파일 읽기"),
        False,
    ),
    Behaviour(
        "middleware_and_task",
        "미들웨어와 태스크",
        "BaseHTTPMiddleware가 있어도 태스크는 응답의 본문이 모두 나간 뒤에 시작합니다",
        in_order("응답 끝", "태스크 시작"),
        False,
        (Change("1.6.0", "1.7.0", True),),
        package="starlette",
    ),
    Behaviour(
        "http_exception",
        "HTTPException 뒤의 태스크",
        "HTTPException을 내도 먼저 등록한 태스크가 실행됩니다",
        happened("태스크"),
        False,
    ),
    Behaviour(
        "error_response",
        "404 응답 뒤의 태스크",
        "상태 코드가 404인 응답을 반환해도 태스크가 실행됩니다",
        in_order("응답 끝", "태스크"),
        True,
    ),
    Behaviour(
        "failing_task",
        "실패한 태스크 다음",
        "태스크가 예외를 내도 다음 태스크가 실행됩니다",
        happened("다음 태스크"),
        False,
    ),
)
