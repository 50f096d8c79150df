"""나누어 줄 과정의 폴더: 소스, 인터넷 없이 설치하는 설정, 처음 파일의 복사본."""

import json
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Sequence
from pathlib import Path

from lab.kit.targets import PATCH, PYTHONS, Target
from lab.kit.wheels import GROUP, KitError, uv
from lab.originals import ARCHIVE, FOLDERS, NoOriginalsError, originals
from lab.site import ROOT

LEFT_OUT = (".ci/", ".github/", ".git", ".pre-commit-config.yaml", "uv.lock")
"""나누어 줄 필요가 없는 것의 경로입니다."""


def write_course(folder: Path, wheels: str, targets: Sequence[Target], root: Path = ROOT) -> None:
    """과정의 파일을 `folder`에 복사하고, `wheels`(상대 경로)의 휠만으로 설치되게 합니다.

    Raises:
        KitError: 파일의 목록을 알 수 없거나 잠금 파일을 만들지 못했을 때.
    """
    first = first_files(root)
    # 강사가 고친 예제와 풀어 본 연습이 아니라 처음 파일을 나누어 줍니다.
    own = tuple(f"{name}/" for name in FOLDERS)
    for name in (name for name in tracked(root) if not name.startswith(own)):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(root / name, target)
    for name, content in first.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    (folder / "pyproject.toml").write_text(offline_project(root, wheels, targets), encoding="utf-8")
    with zipfile.ZipFile(folder / ARCHIVE, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in first.items():
            archive.writestr(path, content)
    uv("lock", "--quiet", "--python", sys.executable, folder=folder)


def tracked(root: Path) -> list[str]:
    """나누어 줄 파일입니다. git이 무시하지 않는 것이고, 없으면 나누어 준 꾸러미의 파일입니다.

    Raises:
        KitError: git 저장소가 아닐 때.
    """
    command = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others"]
    try:
        run = subprocess.run([*command, "--exclude-standard"], capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        raise KitError(
            "git 저장소에서만 만들 수 있습니다. 저장소를 받아 거기에서 실행하세요"
        ) from None
    names = sorted(set(run.stdout.decode("utf-8").split("\0")) - {""})
    return [name for name in names if not name.startswith(LEFT_OUT) and (root / name).is_file()]


def first_files(root: Path) -> dict[str, bytes]:
    """예제와 연습의 처음 파일입니다."""
    try:
        return originals(root)
    except NoOriginalsError:
        return {
            name: (root / name).read_bytes()
            for name in tracked(root)
            if name.startswith(tuple(f"{folder}/" for folder in FOLDERS))
        }


def offline_project(root: Path, wheels: str, targets: Sequence[Target]) -> str:
    """휠의 폴더에서만 설치하고, 테스트와 측정에 쓰는 것은 뺀 pyproject.toml입니다."""
    whole = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    systems = dict.fromkeys(each.system.markers["sys_platform"] for each in targets)
    tables = {
        "project": {key: whole["project"][key] for key in ("name", "version", "dependencies")}
        | {"requires-python": f">={PYTHONS[0]}.{PATCH}"},
        "project.scripts": {"lab": whole["project"]["scripts"]["lab"]},
        "dependency-groups": {GROUP: whole["dependency-groups"][GROUP]},
        "build-system": whole["build-system"],
        "tool.uv": {
            "default-groups": [GROUP],
            "environments": [f"sys_platform == '{system}'" for system in systems],
            "no-index": True,
            "find-links": [wheels],
            "offline": True,
            "python-downloads": "never",
        },
        "tool.uv.build-backend": {
            "module-root": "",
            "module-name": whole["tool"]["uv"]["build-backend"]["module-name"],
        },
    }
    # 글과 목록과 참거짓은 JSON으로 적은 것이 TOML로도 같은 뜻입니다.
    return "\n".join(
        "\n".join([f"[{name}]", *(f"{k} = {json.dumps(v)}" for k, v in table.items()), ""])
        for name, table in tables.items()
    )
