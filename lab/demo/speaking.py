"""글을 소리 내어 말하는 데 걸리는 시간을 셉니다."""

import math
import re

SYLLABLES_A_MINUTE = 300
"""말하는 빠르기(1분의 음절 수)로 잡은 값입니다."""
HANDS_SECONDS = 20
"""예측하기마다 손을 들고 둘러보는 시간(초)입니다."""


def syllables(text: str) -> int:
    """소리 내어 읽을 때의 음절 수입니다.

    한글은 한 글자, 숫자는 한 자리가 한 음절이고, 로마자는 두 글자를 한 음절로 칩니다.
    """
    words = re.findall(r"[A-Za-z]+", text)
    return len(re.findall(r"[가-힣0-9]", text)) + sum(math.ceil(len(word) / 2) for word in words)


def seconds_of(text: str) -> float:
    """말하는 데 걸리는 시간(초)입니다."""
    return 60 * syllables(text) / SYLLABLES_A_MINUTE
