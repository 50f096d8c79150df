"""이력을 읽어 셉니다. 서버도 브로커도 보지 않습니다."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from measurements.durability.history import DONE, LEFT, OK, REFUSED, SUBMIT, UNKNOWN, Event

ANSWERS = (OK, REFUSED, UNKNOWN)


class ImpossibleHistoryError(ValueError):
    """이력이 앞뒤가 맞지 않습니다. 고장이 아니라 재는 도구의 잘못입니다."""


@dataclass(frozen=True)
class Counts:
    """한 칸의 개수입니다. 응답을 받은 것은 once, twice, left, lost 가운데 꼭 하나입니다."""

    submitted: int
    acknowledged: int
    """2xx를 받은 것입니다."""
    once: int
    twice: int
    """두 번 이상 실행된 것입니다."""
    left: int
    """실행되지 않고 브로커에 남은 것입니다."""
    lost: int
    """실행되지 않았고 어디에도 없는 것입니다."""
    done_without_answer: int
    """2xx를 받지 못했는데 실행된 것입니다."""

    def as_row(self) -> dict[str, int]:
        """표의 한 줄에 넣을 사전입니다."""
        return asdict(self)


def count(history: Sequence[Event]) -> Counts:
    """이력에서 개수를 셉니다.

    Raises:
        ImpossibleHistoryError: 보내지 않은 것의 답이나 효과가 있거나, 답이 둘이거나 없을 때.
    """
    numbers = {name: numbers_of(history, name) for name in (SUBMIT, *ANSWERS, DONE, LEFT)}
    refuse_impossible(numbers)
    done, left = numbers[DONE], set(numbers[LEFT])
    acknowledged = set(numbers[OK])
    return Counts(
        submitted=len(numbers[SUBMIT]),
        acknowledged=len(acknowledged),
        once=sum(done[number] == 1 for number in acknowledged),
        twice=sum(done[number] >= 2 for number in acknowledged),
        left=sum(not done[number] for number in acknowledged & left),
        lost=sum(not done[number] for number in acknowledged - left),
        done_without_answer=len(done.keys() - acknowledged),
    )


def lost_numbers(history: Sequence[Event]) -> list[int]:
    """유실된 태스크의 번호입니다."""
    somewhere = numbers_of(history, DONE).keys() | numbers_of(history, LEFT).keys()
    return sorted(numbers_of(history, OK).keys() - somewhere)


def numbers_of(history: Sequence[Event], name: str) -> Counter[int]:
    """이름이 `name`인 일이 번호마다 몇 번 있었는지 셉니다."""
    return Counter(event["number"] for event in history if event["event"] == name)


def refuse_impossible(numbers: dict[str, Counter[int]]) -> None:
    """앞뒤가 맞지 않는 이력을 거절합니다.

    Raises:
        ImpossibleHistoryError: 맞지 않을 때.
    """
    submitted = numbers[SUBMIT]
    answers = sum((numbers[name] for name in ANSWERS), Counter[int]())
    complaints = {
        "두 번 보냈습니다": {number for number, times in submitted.items() if times > 1},
        "답을 두 번 받았습니다": {number for number, times in answers.items() if times > 1},
        "답이 적혀 있지 않습니다": submitted.keys() - answers.keys(),
        "보내지 않았는데 답이 있습니다": answers.keys() - submitted.keys(),
        "보내지 않았는데 실행되었습니다": numbers[DONE].keys() - submitted.keys(),
    }
    for complaint, wrong in complaints.items():
        if wrong:
            raise ImpossibleHistoryError(f"{min(wrong)}번: {complaint}")
