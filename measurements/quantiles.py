"""잰 값의 분위수(quantile)입니다."""

from collections.abc import Sequence

ENOUGH_FOR_P99 = 500
"""p99를 적는 데 필요한 값의 수입니다. 이보다 적으면 p99는 가장 느린 몇 개일 뿐입니다."""


def quantile(values: Sequence[float], share: float) -> float:
    """작은 것부터 늘어놓았을 때 `share`(0에서 1)에 있는, 실제로 잰 값입니다."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def p99(values: Sequence[float]) -> float | None:
    """p99입니다. 값이 `ENOUGH_FOR_P99`개보다 적으면 None입니다."""
    return quantile(values, 0.99) if len(values) >= ENOUGH_FOR_P99 else None


def rounded(value: float | None) -> float | None:
    """표에 적을, 뜻이 있는 세 자리보다 하나 많은 네 자리입니다."""
    return None if value is None else float(f"{value:.4g}")
