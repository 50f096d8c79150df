"""MkDocs 사이트를 빌드합니다. 원본이 그대로이면 전에 빌드한 것을 다시 씁니다."""

import hashlib
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from lab.tools import run_tool

ROOT = Path(__file__).parent.parent
BUILD_SECONDS = 60
"""빌드를 기다리는 최대 시간(초)입니다."""
KEPT = 3
"""남겨 두는 빌드의 수입니다. 실습 도구가 제공하고 있는 것은 더 남습니다."""
WHOLE = ("docs", "overrides")
"""모든 파일이 사이트를 만드는 데 쓰이는 폴더입니다."""
SOURCES = (*WHOLE, "demos", "hooks", "examples", "graders", "measurements", "tests")
EMBEDDED = (".json", ".md", ".py", ".toml", ".yml", "Procfile")
"""docs/ 밖에서 페이지에 들어가는 파일의 이름 끝입니다. 예제를 실행하면 생기는 파일은 뺍니다."""
UNFINISHED = "unfinished-"
"""빌드하는 동안 쓰는 폴더의 이름입니다. 빌드하는 프로세스의 번호가 뒤에 붙습니다."""


class SiteError(RuntimeError):
    """사이트를 빌드하지 못했습니다. 메시지에 이유와 마지막 출력이 들어 있습니다."""


def source_files(root: Path) -> Iterator[Path]:
    """사이트를 만드는 데 쓰이는 파일입니다."""
    for name in ("mkdocs.yml", "uv.lock"):
        if (root / name).exists():
            yield root / name
    for name in SOURCES:
        for file in sorted((root / name).rglob("*")):
            if file.is_file() and (name in WHOLE or file.name.endswith(EMBEDDED)):
                yield file


def fingerprint(root: Path) -> str:
    """원본이 같으면 같은 값입니다. 내용은 읽지 않고 이름, 고친 때, 크기를 봅니다."""
    digest = hashlib.sha256()
    for file in source_files(root):
        status = file.stat()
        line = f"{file.relative_to(root).as_posix()} {status.st_mtime_ns} {status.st_size}\n"
        digest.update(line.encode())
    return digest.hexdigest()[:16]


def build_site(root: Path = ROOT) -> Path:
    """제공할 사이트의 폴더를 돌려줍니다. 원본이 달라졌으면 먼저 빌드합니다.

    Raises:
        SiteError: 빌드하지 못했을 때. 사이트가 없어도 나머지는 실행할 수 있습니다.
    """
    cache = root / ".cache" / "site"
    built = cache / fingerprint(root)
    if (built / "index.html").exists():
        return built
    try:
        cache.mkdir(parents=True, exist_ok=True)
        # 다 빌드한 다음 이름을 바꾸어, 함께 빌드하는 다른 실습 도구가 반쪽을 보지 않게 합니다.
        with tempfile.TemporaryDirectory(dir=cache, prefix=f"{UNFINISHED}{os.getpid()}-") as folder:
            run_mkdocs(root, Path(folder) / "site")
            if not built.exists():
                (Path(folder) / "site").rename(built)
        forget_old_builds(cache)
    except OSError as error:
        if not (built / "index.html").exists():
            raise SiteError(f"사이트를 {cache}에 빌드하지 못했습니다: {error}") from None
    return built


def run_mkdocs(root: Path, target: Path, config: str = "mkdocs.yml") -> None:
    """`config`에 적힌 대로 사이트를 `target` 폴더에 빌드합니다.

    Raises:
        SiteError: 빌드하지 못했을 때.
    """
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet"]
    command += ["--config-file", config, "--site-dir", str(target)]
    env = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONUTF8": "1"}
    run_tool(command, root, BUILD_SECONDS, SiteError, "사이트를 빌드하지 못했습니다", env)


@contextmanager
def kept(build: Path | None) -> Iterator[None]:
    """안에 있는 동안, 다른 실습 도구가 이 빌드를 지우지 않게 표시해 둡니다."""
    if build is None:
        yield
        return
    mark = build.with_name(f"{build.name}.{os.getpid()}")
    with suppress(OSError):  # 쓸 수 없는 폴더에서는 아무도 빌드를 지우지 못합니다.
        mark.touch()
    try:
        yield
    finally:
        with suppress(OSError):
            mark.unlink(missing_ok=True)


def forget_old_builds(cache: Path) -> None:
    """새로 빌드한 `KEPT`개와, 살아 있는 실습 도구가 표시해 두었거나 빌드하는 것만 남깁니다."""
    marks = [file for file in cache.iterdir() if file.suffix[1:].isdigit()]
    stale = [mark for mark in marks if not psutil.pid_exists(int(mark.suffix[1:]))]
    used = {mark.stem for mark in marks if mark not in stale}
    for mark in stale:
        mark.unlink(missing_ok=True)
    folders = [folder for folder in cache.iterdir() if folder.is_dir()]
    builds = [folder for folder in folders if not folder.name.startswith(UNFINISHED)]
    for folder in set(folders) - set(builds):
        owner = folder.name.removeprefix(UNFINISHED).partition("-")[0]
        if owner.isdigit() and not psutil.pid_exists(int(owner)):
            shutil.rmtree(folder, ignore_errors=True)
    for old in sorted(builds, key=lambda build: build.stat().st_mtime)[:-KEPT]:
        if old.name not in used:
            shutil.rmtree(old, ignore_errors=True)


def sitemap(site: Path, address: str) -> bytes:
    """`/sitemap.xml`의 내용입니다. 페이지의 주소를 실제로 제공하는 `address`로 바꿉니다.

    Material은 이 파일에 적힌 주소와 포트까지 같은 페이지만 새로 고치지 않고 바로 엽니다.
    """
    text = (site / "sitemap.xml").read_text(encoding="utf-8")
    return re.sub(r"<loc>https?://[^/<]+", f"<loc>{address.rstrip('/')}", text).encode()
