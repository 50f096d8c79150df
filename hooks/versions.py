"""버전별 동작: 버전마다 잰 결과를, 답이 같은 버전끼리 묶은 표로 페이지에 넣습니다."""

from itertools import groupby
from typing import Any

from hooks import measured
from hooks.pages import Place
from measurements.versions.behaviours import BEHAVIOURS, Behaviour

# 색만으로 구별하지 않습니다.
ANSWERS = {True: ("yes", "✔ 예"), False: ("no", "✘ 아니요"), None: ("none", "– 없음")}
PACKAGES = {"fastapi": "FastAPI", "starlette": "Starlette"}
Row = dict[str, Any]


def matrix(package: str, place: Place) -> list[str]:
    """`<!-- version-matrix fastapi -->`: 그 패키지의 버전에 달린 동작의 표입니다."""
    if package not in PACKAGES:
        raise place.error(f"version-matrix에는 {', '.join(PACKAGES)} 가운데 하나를 적으세요")
    result = measured.read("versions", place)
    wanted = [behaviour for behaviour in BEHAVIOURS if behaviour.package == package]
    groups = in_groups(result.rows, lambda row: [row[each.name] for each in wanted])
    ranges = [range_of(package, group) for group in groups]
    return [
        measured.row_of([f"{PACKAGES[package]} 버전", *ranges]),
        measured.row_of(["---"] * (len(ranges) + 1)),
        *(
            measured.row_of([linked(each), *(answer(group[0][each.name]) for group in groups)])
            for each in wanted
        ),
    ]


def linked(behaviour: Behaviour) -> str:
    """같은 페이지의 자세한 설명으로 가는 링크입니다."""
    return f"[{behaviour.title}](#{behaviour.name.replace('_', '-')})"


def story(name: str, place: Place) -> list[str]:
    """`<!-- version-story 동작 -->`: 일어난 일이 같은 버전끼리 묶은 표입니다."""
    behaviour = next((each for each in BEHAVIOURS if each.name == name), None)
    if behaviour is None:
        known = ", ".join(each.name for each in BEHAVIOURS)
        raise place.error(f"{name!r} 동작이 없습니다. 있는 것: {known}")
    result = measured.read("versions", place)
    runs = result.samples["runs"]
    rows = [
        {**row, "events": run["events"][name]} for row, run in zip(result.rows, runs, strict=True)
    ]
    return [
        f"**{behaviour.claim}.**",
        "",
        measured.row_of([PACKAGES[behaviour.package], "일어난 일", "답"]),
        measured.row_of(["---", "---", "---"]),
        *(
            measured.row_of(
                [
                    range_of(behaviour.package, group),
                    " → ".join(group[0]["events"] or ["이 기능이 없습니다"]),
                    answer(group[0][name]),
                ]
            )
            for group in in_groups(rows, lambda row: row["events"])
        ),
    ]


def in_groups(rows: list[Row], key: Any) -> list[list[Row]]:
    """이어진 버전 가운데 `key`가 같은 것끼리 묶습니다."""
    return [list(group) for _, group in groupby(rows, key)]


def range_of(package: str, group: list[Row]) -> str:
    """묶음의 첫 버전과 마지막 버전입니다."""
    first, last = group[0][package], group[-1][package]
    return first if first == last else f"{first} – {last}"


def answer(value: bool | None) -> str:
    """표의 한 칸입니다."""
    kind, text = ANSWERS[value]
    return f'<span class="answer {kind}">{text}</span>'
