"""예제의 처음 파일을 찾습니다. 나누어 준 꾸러미에는 originals.zip이, 저장소에는 git이 있습니다."""

import os
import subprocess
import zipfile
from pathlib import Path

from lab.site import ROOT

ARCHIVE = "originals.zip"
"""나누어 준 꾸러미(uv run lab kit)에 든, 처음 파일의 복사본입니다."""
FOLDERS = ("examples", "exercises")


class NoOriginalsError(RuntimeError):
    """처음 파일을 찾지 못했습니다. 메시지는 할 일을 알려 줍니다."""


def originals(root: Path = ROOT) -> dict[str, bytes]:
    """저장소에서 본 경로와, 처음 파일의 내용입니다.

    Raises:
        NoOriginalsError: 나누어 준 복사본도 git도 없을 때.
    """
    if (root / ARCHIVE).is_file():
        with zipfile.ZipFile(root / ARCHIVE) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    try:
        return from_git(root)
    except (OSError, subprocess.CalledProcessError):
        raise NoOriginalsError(
            f"처음 파일이 없습니다. {root}에 git 저장소도 {ARCHIVE}도 없습니다. "
            "과정을 다른 폴더에 다시 받고, 고친 파일만 옮기세요"
        ) from None


def from_git(root: Path) -> dict[str, bytes]:
    """마지막 커밋에 있는 파일입니다."""
    environment = {name: value for name, value in os.environ.items() if name[:4] != "GIT_"}

    def git(*arguments: str) -> bytes:
        command = ["git", "-C", str(root), *arguments]
        run = subprocess.run(command, capture_output=True, check=True, env=environment)
        return run.stdout

    names = git("ls-tree", "-r", "-z", "--name-only", "HEAD", "--", *FOLDERS)
    found = [name for name in names.decode("utf-8").split("\0") if name]
    return {name: git("show", f"HEAD:./{name}") for name in found}


def is_same(file: Path, content: bytes) -> bool:
    """줄바꿈을 빼고 내용이 같으면 참입니다. git이 Windows에서 줄바꿈을 바꿀 수 있습니다."""
    return file.is_file() and file.read_bytes().replace(b"\r\n", b"\n") == content.replace(
        b"\r\n", b"\n"
    )
