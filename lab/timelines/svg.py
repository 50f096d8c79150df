"""타임라인을 페이지에 넣는 SVG로 그립니다. 페이지의 글꼴을 쓰고, 다른 파일을 부르지 않습니다."""

from collections.abc import Callable
from html import escape

from lab.timelines.layout import Bar, Timeline, duration, process_label

COLOURS = {"request": "#3949ab", "part": "#8a90a0", "queue": "#00838f", "task": "#2e7d32"}
BAD = "#b3261e"
INK = "#1c1f26"
WIDTH = 1160
LABELS = 340
"""막대의 이름에 쓰는 너비입니다."""
STATES = 210
"""막대의 상태에 쓰는 너비입니다."""
ROW = 46
TOP = 40
"""응답과 고장의 이름을 적는 높이입니다."""
BOTTOM = 40
FONT = 22
NARROWEST = 4
DASHES = ' stroke-dasharray="6 5"'
WIDEST = 20
"""글자 하나의 최대 너비입니다."""
NEAR = 260
"""응답과 고장의 이름이 이보다 가까우면 다른 줄에 적습니다."""


def svg(timeline: Timeline) -> str:
    """한 줄의 SVG입니다. 마크다운에 그대로 넣을 수 있습니다."""
    plot = WIDTH - LABELS - STATES
    marks = marks_of(timeline)
    top = TOP * (1 + max((level for _, _, _, level in marks), default=0))
    height = top + ROW * len(timeline.bars) + BOTTOM

    def x(milliseconds: float) -> float:
        return LABELS + milliseconds / timeline.length * plot

    parts = [
        f'<svg class="timeline" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'font-size="{FONT}" xmlns="http://www.w3.org/2000/svg">',
        f"<title>{escape(sentence(timeline))}</title>",
    ]
    for number, bar in enumerate(timeline.bars):
        parts += row(bar, top + ROW * number, x)
    for time, label, colour, level in marks:
        at, bottom = x(time), height - BOTTOM
        anchor = "end" if at + WIDEST * len(label) > WIDTH else "start"
        parts += [
            f'<path d="M{at:.1f} {TOP * level + 8}V{bottom}" stroke="{colour}" '
            f'stroke-width="3"{DASHES if colour == BAD else ""}/>',
            text(at + (-8 if anchor == "end" else 8), TOP * level + 26, label, colour, anchor),
        ]
    parts += [
        f'<path d="M{LABELS} {height - BOTTOM}H{LABELS + plot}" stroke="{INK}" stroke-width="2"/>',
        text(LABELS, height - 10, "0"),
        text(LABELS + plot, height - 10, duration(timeline.length), anchor="end"),
        "</svg>",
    ]
    return "".join(parts)


def marks_of(timeline: Timeline) -> list[tuple[float, str, str, int]]:
    """응답과 고장의 (시각, 이름, 색, 몇째 줄)입니다. 가까운 이름이 겹치지 않게 줄을 나눕니다."""
    marks = [(time, label, BAD) for time, label in timeline.faults]
    if timeline.response is not None:
        marks.append((timeline.response, f"응답 {duration(timeline.response)}", INK))
    placed: list[tuple[float, str, str, int]] = []
    near = NEAR / (WIDTH - LABELS - STATES) * timeline.length
    for time, label, colour in sorted(marks):
        taken = {level for other, _, _, level in placed if abs(other - time) < near}
        level = next(each for each in range(len(marks) + 1) if each not in taken)
        placed.append((time, label, colour, level))
    return placed


def row(bar: Bar, y: float, x: Callable[[float], float]) -> list[str]:
    """막대 하나와 그 이름, 상태입니다."""
    colour = BAD if bar.failed or bar.open else COLOURS[bar.kind]
    width = max(x(bar.end) - x(bar.start), NARROWEST)
    dashed = ' fill-opacity="0.35" stroke-dasharray="6 4"' if bar.open else ""
    middle = y + ROW / 2 + FONT / 3
    return [
        text(0, middle, f"{process_label(bar.process)}  {bar.label}"),
        f'<rect x="{x(bar.start):.1f}" y="{y + 7:.1f}" width="{width:.1f}" height="{ROW - 14}" '
        f'rx="4" fill="{colour}" stroke="{colour}"{dashed}/>',
        text(WIDTH - STATES + 14, middle, bar.state, colour),
    ]


def text(x: float, y: float, words: str, colour: str = INK, anchor: str = "start") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" text-anchor="{anchor}">'
        f"{escape(words)}</text>"
    )


def sentence(timeline: Timeline) -> str:
    """그림을 보지 못하는 사람에게 읽어 줄 글입니다."""
    parts = [f"{process_label(bar.process)}의 {bar.label}: {bar.state}" for bar in timeline.bars]
    if timeline.response is not None:
        parts.insert(0, f"응답은 {duration(timeline.response)} 만에 나갔습니다")
    parts += [f"{label}: {duration(time)}" for time, label in timeline.faults]
    return ". ".join(parts)
