"""`lab doctor`가 확인한 것을, 전화나 교실에서 읽어 줄 수 있는 짧은 번호로 바꿉니다.

앞의 네 자리는 모자란 것이고(모두 있으면 0000), 뒤의 두 자리는 잘못 들은 것을 알아채는 숫자입니다.
"""

import re
from collections.abc import Sequence

PRIME = 97
FACTOR = 31


class WrongCodeError(ValueError):
    """확인 번호가 아닙니다. 메시지는 무엇을 다시 물어볼지 알려 줍니다."""


def encode(found: Sequence[bool]) -> str:
    """확인한 차례대로, 괜찮은지를 담은 번호입니다. 예: "0000-04" """
    missing = sum(1 << at for at, ok in enumerate(found) if not ok)
    return f"{missing:04}-{check_digits(missing, len(found)):02}"


def decode(code: str, count: int) -> list[bool]:
    """번호에서, 확인한 `count`개가 괜찮은지를 차례대로 돌려줍니다.

    Raises:
        WrongCodeError: 번호의 모양이 아니거나, 뒤의 두 자리가 맞지 않을 때.
    """
    digits = re.sub(r"[\s-]", "", code)
    if not re.fullmatch(r"\d{6}", digits):
        raise WrongCodeError(
            f"{code!r}은(는) 확인 번호가 아닙니다. 숫자 여섯 자리입니다. 예: 0000-00"
        )
    missing = int(digits[:4])
    if int(digits[4:]) != check_digits(missing, count) or missing >> count:
        raise WrongCodeError(
            f"{code}은(는) 맞지 않는 번호입니다. 잘못 들었거나 과정의 버전이 다릅니다. "
            "다시 물어보세요"
        )
    return [not missing >> at & 1 for at in range(count)]


def check_digits(missing: int, count: int) -> int:
    """한 자리를 잘못 듣거나 이웃한 두 자리를 바꾸어 들으면 달라지는 수입니다."""
    return (missing * FACTOR + count) % PRIME
