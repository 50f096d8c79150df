"""유실의 측정: 방법과 고장의 표, 그리고 역사에서 뽑은 한 태스크의 일을 쪽에 넣습니다."""

from html import escape
from typing import Any

from hooks.measured import read
from hooks.pages import Place
from measurements.durability import FAULTS, WAYS, history, name_of, reading
from measurements.results import MeasurementError

BAD = {"lost": "유실", "left": "남음", "twice": "두 번"}
"""칸에 적는 개수와 그 이름입니다. 모두 0이면 0만 적습니다."""


def matrix(_argument: str, place: Place) -> list[str]:
    """`<!-- durability-matrix -->`: 방법마다 한 줄, 고장마다 한 칸입니다."""
    rows = {(row["way"], row["fault"]): row for row in read("durability", place).rows}
    lines = [
        f"| 방법 | {' | '.join(fault.title for fault in FAULTS)} |",
        f"| --- | {' | '.join('---' for _ in FAULTS)} |",
    ]
    for way in WAYS:
        cells = []
        for fault in FAULTS:
            told = written(rows[way.title, fault.title])
            file = f"assets/measurements/durability/{name_of(way, fault)}.jsonl.gz"
            about = escape(f"{way.title}, {fault.title}: 역사 내려받기")
            linked = f'<a href="{place.link(file)}" title="{about}">{told}</a>'
            cells.append(told if fault.not_for(way) else linked)
        lines.append(f"| {way.title} | {' | '.join(cells)} |")
    return ['<div class="measurement" markdown>', "", *lines, "", "</div>"]


def written(row: dict[str, Any]) -> str:
    """칸 하나입니다."""
    if "submitted" not in row:
        return "–"
    told = [f"{name} {row[key]}" for key, name in BAD.items() if row[key]]
    return f"<strong>{', '.join(told)}</strong>" if told else "0"


def story(cell: str, place: Place) -> list[str]:
    """`<!-- durability-history 방법-고장 -->`: 볼 만한 태스크 하나에 일어난 일입니다."""
    try:
        events = history.load(cell)
    except MeasurementError as error:
        raise place.error(str(error)) from None
    return ["```text", *reading.story(events, reading.interesting(events)), "```"]
