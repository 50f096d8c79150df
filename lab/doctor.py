"""수업 전날, 이 컴퓨터에서 실습할 수 있는지 확인합니다. `uv run lab doctor`로 실행합니다."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lab import check_code, checks
from lab.checks import Problem

Check = Callable[[], str]
"""괜찮으면 알아낸 것을 돌려주고, 아니면 Problem을 냅니다."""


@dataclass(frozen=True)
class Result:
    """확인한 것 하나입니다."""

    name: str
    ok: bool
    essential: bool
    """이것 없이는 실습할 수 없으면 참입니다."""
    message: str
    """괜찮으면 알아낸 것, 아니면 할 일입니다."""


def all_checks(port: int) -> list[tuple[str, bool, Check]]:
    """확인할 것의 이름, 꼭 필요한지, 확인하는 함수입니다."""
    return [
        ("Python", True, checks.check_python),
        ("uv", True, checks.check_uv),
        ("디스크", True, checks.check_disk),
        ("폴더", True, checks.check_folder),
        ("연결", True, checks.check_loopback),
        ("포트", False, lambda: checks.check_port(port)),
        ("브로커", True, checks.check_broker),
        ("사이트", False, checks.check_site),
        ("브라우저", False, checks.check_browser),
        ("터미널", False, checks.check_terminal),
    ]


def results(port: int) -> Iterator[Result]:
    """차례로 확인합니다. 하나가 틀려도 나머지를 계속 확인합니다."""
    for name, essential, check in all_checks(port):
        try:
            yield Result(name, True, essential, check())
        except Problem as problem:
            yield Result(name, False, essential, str(problem))


def diagnose(port: int, show: Callable[[str], None]) -> int:
    """확인한 것을 한 줄씩 알리고, 꼭 필요한 것이 모자라면 1, 아니면 0을 돌려줍니다.

    마지막 줄은 강사에게 읽어 줄 확인 번호입니다.
    """
    missing, every = [], []
    for result in results(port):
        every.append(result.ok)
        mark = "OK  " if result.ok else "필요" if result.essential else "참고"
        show(f"{mark}  {result.name}: {result.message}")
        if not result.ok and result.essential:
            missing.append(result.name)
    if missing:
        show(f"\n아직 실습할 수 없습니다. 먼저 고치세요: {', '.join(missing)}")
    else:
        show("\n실습할 준비가 되었습니다. 실행하세요: uv run lab")
    show(f"강사에게 읽어 줄 확인 번호: {check_code.encode(every)}")
    return 1 if missing else 0


def explain(code: str, port: int, show: Callable[[str], None]) -> int:
    """수강생이 읽어 준 확인 번호에서, 고칠 것을 한 줄씩 알립니다. 고칠 것이 있으면 1입니다.

    Raises:
        WrongCodeError: 잘못 들었거나 버전이 다를 때.
    """
    checks = all_checks(port)
    found = check_code.decode(code, len(checks))
    bad = [
        (name, essential) for (name, essential, _), ok in zip(checks, found, strict=True) if not ok
    ]
    for name, essential in bad:
        show(f"{'필요' if essential else '참고'}  {name}")
    if any(essential for _, essential in bad):
        show("필요라고 나온 줄을 먼저 고치게 하세요.")
        return 1
    show("실습할 준비가 된 컴퓨터입니다.")
    return 0
