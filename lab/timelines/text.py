"""타임라인을 터미널의 글자로 그립니다."""

from collections.abc import Callable

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from lab.timelines.layout import Bar, Timeline, duration, process_label

COLOURS = {"request": "blue", "part": "bright_black", "queue": "cyan", "task": "green"}
LABEL_CELLS = 34
"""막대의 이름에 쓰는 최대 칸 수입니다."""
NARROWEST = 20
RESPONSE = "│"


def draw(timeline: Timeline, width: int = 100, block: str = "█") -> list[Text]:
    """막대마다 한 줄이고, 세로선이 응답이 나간 때입니다. `width`는 터미널의 칸 수입니다."""
    names = {bar: name_of(bar) for bar in timeline.bars}
    labels = min(max(map(cell_len, names.values()), default=0), LABEL_CELLS)
    states = max((cell_len(bar.state) for bar in timeline.bars), default=0)
    plot = max(width - labels - states - 4, NARROWEST)

    def column(milliseconds: float) -> int:
        return min(int(milliseconds / timeline.length * plot), plot - 1)

    response = None if timeline.response is None else column(timeline.response)
    lines = [
        row(bar, set_cell_size(names[bar], labels), column, plot, response, block)
        for bar in timeline.bars
    ]
    if response is not None:
        note = f"{RESPONSE} 응답이 나간 때 ({duration(timeline.response or 0)})"
        lines.append(Text(f"{' ' * (labels + 1 + response)}{note}", style="bold"))
    for time, label in timeline.faults:
        lines.append(Text(f"{' ' * (labels + 1 + column(time))}↑ {label}", style="red"))
    total = duration(timeline.length)
    gap = max(plot - 1 - cell_len(total), 1)
    lines.append(Text(f"{' ' * (labels + 1)}0{' ' * gap}{total}", style="dim"))
    return lines


def name_of(bar: Bar) -> str:
    return f"{process_label(bar.process)}  {bar.label}"


def row(
    bar: Bar,
    label: str,
    column: Callable[[float], int],
    plot: int,
    response: int | None,
    block: str,
) -> Text:
    """막대 하나의 줄입니다."""
    first, last = column(bar.start), column(bar.end)
    colour = "red" if bar.failed or bar.open else COLOURS[bar.kind]
    line = Text(f"{label} ")
    for at in range(plot):
        if first <= at <= last:
            line.append(block, style=colour)
        else:
            line.append(RESPONSE if at == response else " ", style="bold")
    line.append(f" {bar.state}", style=colour)
    return line
