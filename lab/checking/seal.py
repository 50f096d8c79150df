"""연습을 고친 다음 실행합니다: `uv run python -m lab.checking.seal`

- 처음 파일을 채점기 옆에 복사해 둡니다. `lab reset`이 씁니다.
- 채점기의 지문을 적습니다. 바뀐 채점기를 알아보는 데 씁니다.
- exercises/README.md의 표를 다시 적습니다.
"""

import hashlib
import shutil
import sys
from pathlib import Path

from lab.checking.exercises import ROOT, Exercise, exercises

PRINTS = "graders/checksums.txt"
BEGIN, END = "<!-- 표의 시작: uv run python -m lab.checking.seal -->", "<!-- 표의 끝 -->"


def fingerprint(exercise: Exercise) -> str:
    """채점기의 지문입니다. 운영체제마다 다른 줄바꿈은 없앱니다."""
    file = exercise.folder / "grader.py"
    content = file.read_bytes().replace(b"\r\n", b"\n") if file.is_file() else b""
    return hashlib.sha256(content).hexdigest()


def fingerprints(root: Path) -> dict[str, str]:
    """적어 둔 지문입니다. 연습의 경로를 열쇠로 합니다."""
    file = root / PRINTS
    if not file.is_file():
        return {}
    lines = (line.split() for line in file.read_text(encoding="utf-8").splitlines())
    return {words[1]: words[0] for words in lines if len(words) == 2}


def is_edited(exercise: Exercise) -> bool:
    """채점기가 저장소에 있던 것과 다르면 참입니다."""
    known = fingerprints(exercise.root).get(f"{exercise.lesson}/{exercise.slug}")
    return known is not None and known != fingerprint(exercise)


def prints_text(every: list[Exercise]) -> str:
    """checksums.txt에 적을 글입니다."""
    return "".join(f"{fingerprint(each)}  {each.lesson}/{each.slug}\n" for each in every)


def table(every: list[Exercise]) -> str:
    """exercises/README.md에 적을 표입니다."""
    rows = [
        f"| {each.number} | [{each.title}]({each.lesson}/{each.slug}.py) | {each.kind} "
        f"| {each.minutes}분 | {each.goal} |"
        for each in every
    ]
    head = ["| 번호 | 연습 | 종류 | 시간 | 풀면 보이는 것 |", "| --- | --- | --- | --- | --- |"]
    return "\n".join([BEGIN, "", *head, *rows, "", END])


def index_text(readme: str, every: list[Exercise]) -> str:
    """표를 새로 적은 exercises/README.md입니다."""
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{table(every)}{after}"


def seal(root: Path = ROOT) -> None:
    """처음 파일의 복사본, 지문, 표를 적습니다."""
    every = exercises(root)
    for each in every:
        shutil.copyfile(each.file, each.starter)
    (root / PRINTS).write_text(prints_text(every), encoding="utf-8")
    readme = root / "exercises/README.md"
    readme.write_text(index_text(readme.read_text(encoding="utf-8"), every), encoding="utf-8")


if __name__ == "__main__":
    seal()
    sys.exit(0)
