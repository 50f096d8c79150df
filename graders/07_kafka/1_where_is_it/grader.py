"""답의 파일로 같은 것을 새 브로커에서 재어, 적은 것과 견줍니다."""

import re

from lab.checking import Answer, Short

WRITTEN = re.compile(r"^(\w+): (\d+)번 파티션", re.MULTILINE)
COUNT = re.compile(r"(\d+)개를 읽었습니다")
NAMES = ("kim", "lee", "park")
EVENTS = {"kim": (2, '"kim": [9, 9]'), "lee": (1, '"lee": [9]'), "park": (1, '"park": [9]')}
"""write가 적는 이벤트의 수와, 적는 모양입니다."""
READS = ("first a", "second a", "first b")
WHY = {
    "kim": "키가 같은 두 이벤트가 적힌 파티션을 견주어 보세요.",
    "lee": "파티션은 키로 정해집니다. 번호는 write의 출력에 있습니다.",
    "park": "키가 다르다고 파티션이 꼭 다르지는 않습니다. 번호는 write의 출력에 있습니다.",
    "first a": "커밋이 없는 그룹은 로그의 처음부터 읽습니다.",
    "second a": "그룹은 커밋한 자리부터 읽습니다. 처음에 어디까지 커밋했습니까?",
    "first b": "읽어도 로그에서 지워지지 않습니다. 그룹 b의 커밋은 어디에 있습니까?",
}


def grade(answer: Answer) -> None:
    written = answer.value("MEASURED")
    measured = written if isinstance(written, dict) else {}
    empty = [key for key in WHY if measured.get(key) is None]
    if empty:
        raise Short(
            seen=f"적지 않은 것이 {len(empty)}개 있습니다: {', '.join(empty)}",
            why="직접 잰 것을 적어야 견줄 수 있습니다.",
            look="파일의 맨 위에 적힌 명령을 차례로 실행하고, 출력을 MEASURED에 옮기세요.",
        )
    check_the_form(measured)
    seen = measure(answer)
    for key in WHY:
        if measured[key] != seen[key]:
            raise Short(
                seen=f"{key!r}에 적은 값({measured[key]!r})이 새로 잰 것과 다릅니다.",
                why=WHY[key],
                look="실습 도구를 껐다 켜고, 네 명령을 차례로 한 번씩만 실행해 보세요.",
            )


def check_the_form(measured: dict[str, object]) -> None:
    """파티션은 이벤트의 수만큼 든 목록으로, 읽은 수는 숫자 하나로 적었습니다."""
    for name, (count, example) in EVENTS.items():
        value = measured[name]
        numbers = value if isinstance(value, list) else []
        if len(numbers) != count or any(type(each) is not int for each in numbers):
            raise Short(
                seen=f"{name!r}에 {value!r}을(를) 적었습니다. 숫자 {count}개의 목록이 아닙니다.",
                why=f"{name}의 이벤트는 {count}개입니다. 파티션의 번호를 차례로 목록에 적습니다.",
                look=f"{example}처럼 따옴표 없이 대괄호로 묶으세요.",
            )
    for key in READS:
        if type(measured[key]) is not int:
            raise Short(
                seen=f"{key!r}에 {measured[key]!r}을(를) 적었습니다. 숫자 하나가 아닙니다.",
                why="읽은 수는 견줄 수 있게 숫자 하나로 적습니다.",
                look=f'"{key}": 9처럼 따옴표와 괄호 없이 적으세요.',
            )


def measure(answer: Answer) -> dict[str, object]:
    """새 브로커에서 재는 명령을 차례로 실행합니다."""
    seen: dict[str, object] = {}
    with answer.kafka():
        written = WRITTEN.findall(run(answer, "write", "kim", "lee", "kim", "park"))
        for name in NAMES:
            seen[name] = [int(partition) for key, partition in written if key == name]
        for read, group in zip(READS, "aab", strict=True):
            count = COUNT.search(run(answer, "read", group))
            seen[read] = int(count[1]) if count else None
    return seen


def run(answer: Answer, *arguments: str) -> str:
    """재는 명령 하나를 끝까지 실행하고 출력을 돌려줍니다."""
    with answer.process("python", "answer.py", *arguments) as process:
        if process.wait(40):
            raise Short(
                seen=f"{' '.join(arguments)} 명령이 종료 코드 {process.returncode}로 끝났습니다.",
                why="MEASURED 아래의 코드는 그대로 두어야 같은 것을 잴 수 있습니다.",
                look="고친 줄이 있으면 되돌리세요.",
            )
        return process.output
