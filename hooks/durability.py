"""유실의 측정: 방법과 고장의 표, 그리고 이력에서 뽑은 한 태스크의 일을 페이지에 넣습니다."""

from html import escape
from typing import Any

from hooks.measured import read, row_of
from hooks.pages import Place
from measurements.durability import history, reading
from measurements.durability.expectations import MAY_LOSE
from measurements.results import MeasurementError

BAD = {"lost": "유실", "left": "남음", "twice": "두 번"}
"""칸에 적는 개수와 그 이름입니다. 모두 0이면 0만 적습니다."""


def matrix(_argument: str, place: Place) -> list[str]:
    """`<!-- durability-matrix -->`: 방법마다 한 줄, 고장마다 한 칸입니다."""
    rows = read("durability", place).rows
    ways = list(dict.fromkeys(row["way"] for row in rows))
    faults = list(dict.fromkeys(row["fault"] for row in rows))
    cells = {(row["way"], row["fault"]): linked(row, place) for row in rows}
    return [
        '<div class="measurement" markdown>',
        "",
        row_of(["방법", *faults]),
        row_of(["---"] * (len(faults) + 1)),
        *(row_of([way, *(cells[way, fault] for fault in faults)]) for way in ways),
        "",
        "</div>",
    ]


def linked(row: dict[str, Any], place: Place) -> str:
    """칸의 개수입니다. 이력이 있으면 그 파일로 이어집니다."""
    if "submitted" not in row:
        return "–"
    target = place.link(f"assets/measurements/durability/{row['cell']}.jsonl.gz")
    about = escape(f"{row['way']}, {row['fault']}: 이력 내려받기")
    return f'<a href="{target}" title="{about}">{written(row)}</a>'


def written(row: dict[str, Any]) -> str:
    """칸 하나입니다. 이번에는 0이지만 잃을 수도 있는 칸에는 별표를 붙입니다."""
    told = [f"{name} {row[key]}" for key, name in BAD.items() if row[key]]
    if told:
        return f"<strong>{', '.join(told)}</strong>"
    return "0*" if tuple(row["cell"].split("-")) in MAY_LOSE else "0"


def story(cell: str, place: Place) -> list[str]:
    """`<!-- durability-history 방법-고장 -->`: 볼 만한 태스크 하나에 일어난 일입니다."""
    try:
        events = history.load(cell)
    except MeasurementError as error:
        raise place.error(str(error)) from None
    return ["```text", *reading.story(events, reading.interesting(events)), "```"]
