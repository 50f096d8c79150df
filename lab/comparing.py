"""명령의 출력 둘을 견줍니다. 실행할 때마다 달라지는 id와 때는 가립니다."""

import re

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MASKS = (
    (UUID, "(id)"),
    (re.compile(r"\b[0-9a-f]{32}\b"), "(id)"),
    (re.compile(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT"), "(때)"),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?"), "(때)"),
    (re.compile(r"ForkPoolWorker-\d+"), "ForkPoolWorker"),
    (re.compile(r"127\.0\.0\.1:\d{4,5}"), "127.0.0.1:(포트)"),
)
DURATION = re.compile(r"(?<![\d.])\d+\.\d{3,}(?![\d.])|\d+(?= milliseconds)")
"""잰 시간입니다. 실행할 때마다 조금씩 다릅니다."""
TOLERANCE_SECONDS = 1.5
"""잰 시간이 이만큼 달라도 같은 것으로 봅니다. 예제의 태스크는 이보다 오래 걸립니다."""

UNFINISHED = re.compile(r'"status":"PROGRESS","result":\{[^{}]*\}')
SEEN_LATER = re.compile(r'"status":"(?:PROGRESS|SUCCESS)","result":\{[^{}]*\}')
"""도중의 상태는 언제 보느냐에 달려 있습니다. 느린 컴퓨터에서는 물었을 때 이미 끝나 있습니다."""


def masked(output: str) -> tuple[str, list[float]]:
    """실행할 때마다 달라지는 것을 가린 출력과, 거기에서 뺀 시간(초)입니다."""
    for pattern, mask in MASKS:
        output = pattern.sub(mask, output)
    seconds = [float(n) if "." in n else int(n) / 1000 for n in DURATION.findall(output)]
    return DURATION.sub("(시간)", output), seconds


def same(before: str, after: str) -> bool:
    """id와 때를 빼고 같으면 참입니다. 잰 시간은 조금 달라도 됩니다."""
    (text, times), (other_text, other_times) = masked(before), masked(after)
    return text == other_text and all(
        abs(a - b) <= TOLERANCE_SECONDS for a, b in zip(times, other_times, strict=True)
    )


def fits(page: str, now: str) -> bool:
    """적힌 출력으로 보아도 되면 참입니다. 페이지의 끝나지 않은 태스크는 이미 끝났어도 됩니다."""
    if UNFINISHED.search(page):
        page, now = (SEEN_LATER.sub("(도중의 상태)", text) for text in (page, now))
    return same(page, now)
