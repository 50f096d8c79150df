"""mypy strict를 폴더마다 실행합니다.

예제마다 main.py가 있어, 한 번에 검사하면 이름이 같은 모듈이 겹칩니다.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
# 타입이 없는 동료 라이브러리와 다른 폴더의 예제를 임포트하는 잴 앱은 뺍니다.
UNTYPED = {ROOT / "measurements/apps" / name for name in ("durability", "throughput")}
APPS = sorted({file.parent for file in ROOT.glob("measurements/**/apps/**/*.py")} - UNTYPED)
CHECKS = [
    *([str(file) for file in folder.glob("*.py")] for folder in sorted(ROOT.glob("examples/*/"))),
    *([str(file) for file in folder.glob("*.py")] for folder in ROOT.glob("examples/*/pitfalls/")),
    *([str(file) for file in folder.glob("*.py")] for folder in sorted(ROOT.glob("solutions/*/"))),
    [str(file) for file in (ROOT / "tests").rglob("*.py")],
    ["--package", "lab"],
    ["--package", "hooks"],
    ["--package", "measurements", "--exclude", "measurements/(.*/)?apps/"],
    # 잴 앱은 제 폴더에서 실행되므로, 같은 폴더의 모듈을 이름만으로 임포트합니다.
    *(["--no-namespace-packages", *map(str, folder.glob("*.py"))] for folder in APPS),
]


def copies_of_graders(folder: Path) -> list[str]:
    """채점기의 이름은 모두 grader.py이므로, 이름을 달리하여 복사한 것을 검사합니다."""
    copies = {
        folder / f"{f.parts[-3]}_{f.parts[-2]}.py": f for f in ROOT.glob("graders/*/*/grader.py")
    }
    return [str(shutil.copy(grader, copy)) for copy, grader in copies.items()]


def main() -> int:
    """모두 검사하고, 하나라도 틀리면 0이 아닌 값을 돌려줍니다."""
    with tempfile.TemporaryDirectory() as folder:
        return max(check([*CHECKS, copies_of_graders(Path(folder))]))


def check(every: list[list[str]]) -> list[int]:
    """mypy를 한 번씩 실행한 종료 코드입니다."""
    search = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    return [
        subprocess.run(
            [sys.executable, "-m", "mypy", *targets],
            cwd=ROOT,
            env={**os.environ, "MYPYPATH": search},
            check=False,
        ).returncode
        for targets in every
    ]


if __name__ == "__main__":
    sys.exit(main())
