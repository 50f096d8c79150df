"""측정: 명령이 적은 결과 파일을 표와 그림으로 페이지에 넣습니다."""

import json
import re
from html import escape
from typing import Any

from hooks.pages import Place
from measurements import results
from measurements.results import MeasurementError, Result

NUMBER = (int, float)


def read(name: str, place: Place) -> Result:
    """결과 파일을 읽습니다. 없으면 빌드를 멈춥니다."""
    try:
        return results.load(name)
    except MeasurementError as error:
        raise place.error(str(error)) from None


def table(name: str, place: Place) -> list[str]:
    """`<!-- measurement 이름 -->`: 결과의 표와, 언제 어디에서 재었는지입니다."""
    result = read(name, place)
    heading, *rows = map(unbroken, results.table(result, result.columns))
    numbers = [
        any(isinstance(row.get(key), NUMBER) for row in result.rows) for key in result.columns
    ]
    return [
        '<div class="measurement" markdown>',
        "",
        row_of(heading),
        row_of(["---:" if number else "---" for number in numbers]),
        *map(row_of, rows),
        "",
        f'<p class="conditions">{escape(results.conditions(result))} '
        f'<a href="{place.link(f"assets/measurements/{name}.json")}">원래의 값</a></p>',
        "",
        *settings(result),
        "</div>",
    ]


def settings(result: Result) -> list[str]:
    """다시 재는 데 필요한 값입니다. 접혀 있습니다."""
    return [
        '??? note "재는 데 쓴 값"',
        *(f"    - `{name}`: `{written(value)}`" for name, value in result.settings.items()),
        "",
    ]


def written(value: Any) -> str:
    """설정의 값입니다. 글이 아니면 JSON으로 적습니다."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def unbroken(cells: list[str]) -> list[str]:
    """단위("개/초", "바이트/개"), 번호("07-2"), 셈("200: 3140") 안에서 줄이 바뀌지 않게 합니다."""
    joined = [re.sub(r"/(?=초|개)|(?<=\d)-(?=\d)", r"\g<0>&NoBreak;", cell) for cell in cells]
    return [cell.replace(": ", ":&nbsp;") for cell in joined]


def row_of(cells: list[str]) -> str:
    """마크다운 표의 한 줄입니다."""
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"


def chart(argument: str, place: Place) -> list[str]:
    """`<!-- measurement-chart 이름 그림 -->`: 명령이 그린 SVG를 그대로 넣습니다."""
    name, _, key = argument.partition(" ")
    file = results.FOLDER / f"{name}-{key}.svg"
    if not file.exists():
        raise place.error(f"{file.name} 그림이 없습니다. 실행하세요: uv run measure {name}")
    svg = file.read_text(encoding="utf-8")
    return ['<figure class="measurement-chart">', svg.rstrip("\n"), "</figure>"]
