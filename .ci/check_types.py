"""mypy strict를 폴더마다 실행합니다.

예제마다 main.py가 있어, 한 번에 검사하면 이름이 같은 모듈이 겹칩니다.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
APPS = sorted({file.parent for file in ROOT.glob("measurements/**/apps/**/*.py")})
CHECKS = [
    *([str(file) for file in folder.glob("*.py")] for folder in sorted(ROOT.glob("examples/*/"))),
    *([str(file) for file in folder.glob("*.py")] for folder in ROOT.glob("examples/*/pitfalls/")),
    [str(file) for file in (ROOT / "tests").rglob("*.py")],
    ["--package", "lab"],
    ["--package", "hooks"],
    ["--package", "measurements", "--exclude", "measurements/(.*/)?apps/"],
    # 잴 앱은 제 폴더에서 실행되므로, 같은 폴더의 모듈을 이름만으로 임포트합니다.
    *(["--no-namespace-packages", *map(str, folder.glob("*.py"))] for folder in APPS),
]


def main() -> int:
    """모두 검사하고, 하나라도 틀리면 0이 아닌 값을 돌려줍니다."""
    search = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    codes = [
        subprocess.run(
            [sys.executable, "-m", "mypy", *targets],
            cwd=ROOT,
            env={**os.environ, "MYPYPATH": search},
            check=False,
        ).returncode
        for targets in CHECKS
    ]
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
