"""방법마다 고장을 내고, 응답을 받은 태스크가 몇 개나 실행되었는지 셉니다.

Jepsen처럼 이력(history.py)를 적고, 고장(nemesis.py)을 내고, 이력만 보고 셉니다(checker.py).
"""

from rich.progress import Progress

from measurements.durability import checker, expectations, history, reading
from measurements.results import Result

TITLE = "고장이 나도 태스크가 실행되는가"
COLUMNS = {
    "way": "방법",
    "fault": "고장",
    "submitted": "보낸 것",
    "acknowledged": "응답을 받은 것",
    "once": "한 번",
    "twice": "두 번 이상",
    "left": "남음",
    "lost": "유실",
    "done_without_answer": "응답 없이 실행",
    "note": "비고",
}


def measure(*, quick: bool, progress: Progress) -> Result:
    """칸마다 새로 시작하여 잽니다. 짧게 재지 않으면 이력도 적습니다.

    Raises:
        MeasurementError: 사용자의 브로커를 쓰게 되어 있을 때, 또는 재지 못했을 때.
    """
    # 표를 보기만 할 때는 브로커의 클라이언트를 모두 임포트할 까닭이 없습니다.
    from measurements.durability import matrix

    return matrix.measure(quick=quick, progress=progress)


def check(result: Result) -> list[str]:
    """칸마다 있어야 할 것과 없어야 할 것, 그리고 적어 둔 이력을 다시 세어 같은지 봅니다."""
    wrong = []
    for row in result.rows:
        if "submitted" not in row:
            continue
        wrong += expectations.complaints(row)
        if not result.quick:
            events = history.load(row["cell"])
            again = {**checker.count(events).as_row(), "note": reading.note_on(events)}
            if again != {key: row[key] for key in again}:
                wrong.append(f"{row['cell']}: 이력을 다시 세면 표와 다릅니다")
    return wrong
