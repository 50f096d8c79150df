"""그림의 공통된 모습. 색은 사이트의 CSS가 정하고, 글은 글로 남깁니다."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch
from xml.sax.saxutils import escape

import matplotlib
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.textpath import TextToPath

from measurements.results import FOLDER

matplotlib.use("svg")

INK = "#0a0b0c"
"""글과 축. 그림을 넣은 자리의 글자색(currentColor)이 됩니다."""
SERIES = ("#a1b001", "#a1b002", "#a1b003", "#a1b004", "#a1b005", "#a1b006", "#a1b007", "#a1b008")
"""계열의 색. 차례로 CSS의 --chart-1 … --chart-8이 됩니다."""
SIZE = (5.0, 3.4)
"""휴대 전화에서도 글이 읽히는 크기(인치)입니다. 넓은 화면에서는 그대로, 좁으면 줄어듭니다."""
STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "measurements",
    "font.size": 11,
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    # 색만으로 구별하지 않습니다.
    "axes.prop_cycle": cycler(color=SERIES, marker=["o", "s", "^", "D", "v", "P", "X", "*"]),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": INK,
    "grid.alpha": 0.15,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
    "lines.linewidth": 2,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
}


HANGUL = re.compile("[가-힣]")
AS_WIDE_AS_HANGUL = "M"
measure_text = TextToPath.get_text_width_height_descent


def measure_korean_text(self: TextToPath, text: str, *arguments: Any) -> Any:
    """브라우저가 그릴 너비입니다. 여기에는 한글 글꼴이 없어 너비가 같은 글자로 셈합니다."""
    return measure_text(self, HANGUL.sub(AS_WIDE_AS_HANGUL, text), *arguments)


@contextmanager
def styled() -> Iterator[None]:
    """안에서 만들고 그린 그림이 같은 모습이 되게 합니다."""
    with (
        matplotlib.rc_context(STYLE),
        patch.object(TextToPath, measure_text.__name__, measure_korean_text),
    ):
        yield


def chart(title: str, description: str, *, x: str, y: str) -> tuple[Figure, Axes]:
    """축 하나짜리 그림입니다. `title`과 `description`은 그림을 볼 수 없는 사람이 듣습니다."""
    with styled():
        figure = Figure(figsize=SIZE, layout="constrained")
        axes = figure.add_subplot()
        axes.set_xlabel(x)
        # 세로로 눕힌 한글은 읽기 어려우므로 축의 위에 적습니다.
        axes.set_title(y, loc="left", fontsize=11)
        described(figure, title, description)
    return figure, axes


def legend(figure: Figure, columns: int = 2) -> None:
    """계열의 이름을 그림의 위에 적습니다. 선을 다 그린 뒤에 부르세요."""
    with styled():
        figure.legend(loc="outside upper left", ncols=columns)


def described(figure: Figure, title: str, description: str) -> None:
    """그림을 대신하는 글을 답니다."""
    figure.set_label(f"{title}\n{description}")


def as_svg(figure: Figure, key: str) -> str:
    """페이지에 그대로 넣을 SVG입니다. `key`는 페이지에서 하나뿐인 이름입니다."""
    title, _, description = str(figure.get_label()).partition("\n")
    if not description:
        raise ValueError("charts.chart나 charts.described로 그림을 설명하세요")
    buffer = io.StringIO()
    with styled():
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :]
    # 이 스타일은 페이지 전체에 걸리므로 extra.css로 옮겼습니다.
    svg = re.sub(r"<(metadata|style)\b.*?</\1>", "", svg, flags=re.DOTALL)
    svg = re.sub(r" font-family: [^;\"]*;", "", svg)
    svg = svg.replace(INK, "currentColor")
    for number, colour in enumerate(SERIES, 1):
        svg = svg.replace(colour, f"var(--chart-{number})")
    svg = re.sub(r'\bid="', f'id="{key}-', svg)
    svg = re.sub(r'(href="#|url\(#)', rf"\1{key}-", svg)
    opening = re.compile(r"<svg [^>]*?viewBox=\"([^\"]*)\"[^>]*>")
    words = (
        f'<title id="{key}-title">{escape(title)}</title>'
        f'<desc id="{key}-desc">{escape(description)}</desc>'
    )
    svg = opening.sub(
        rf'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        rf'class="chart" viewBox="\1" role="img" '
        rf'aria-labelledby="{key}-title" aria-describedby="{key}-desc">{words}',
        svg,
        count=1,
    )
    svg = re.sub(r" *\n(?=[MLQCz])", " ", svg)
    # 빈 줄이 있으면 페이지의 마크다운이 거기에서 HTML이 끝났다고 봅니다.
    return "\n".join(line.rstrip() for line in svg.splitlines() if line.strip()) + "\n"


def save(name: str, key: str, figure: Figure) -> Path:
    """그림을 적고 그 파일을 돌려줍니다."""
    file = FOLDER / f"{name}-{key}.svg"
    file.write_text(as_svg(figure, f"{name}-{key}"), encoding="utf-8")
    return file
