"""사이트를 폴더나 zip으로 내보냅니다. zip은 USB로 나누어 주고, 압축을 풀어 file://로 엽니다."""

import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from lab.site import ROOT, SiteError, run_mkdocs

FOLDER = "fastapi-background-tasks"
"""zip을 풀면 생기는 폴더의 이름입니다."""
ZIP = Path(f"{FOLDER}.zip")
SITE = Path("site")


def export(path: Path | None, is_zip: bool, show: Callable[[str], None], root: Path = ROOT) -> None:
    """사이트를 `path`에 내보내고, 어떻게 여는지 알려 줍니다.

    Raises:
        SiteError: 빌드하지 못했거나 그 자리에 쓸 수 없을 때.
    """
    try:
        if is_zip:
            target = write_zip(path or ZIP, root)
            show(f"{target}에 적었습니다. 압축을 풀고 {FOLDER}/index.html을 브라우저로 여세요.")
        else:
            target = write_folder(path or SITE, root)
            show(f"{target}에 빌드했습니다. 정적 웹 서버에 그대로 올리세요.")
    except OSError as error:
        raise SiteError(f"사이트를 내보내지 못했습니다: {error}") from None


def write_folder(path: Path, root: Path) -> Path:
    """웹 서버에 올릴 사이트를 폴더에 빌드합니다."""
    target = path.resolve()
    # mkdocs는 빌드하기 전에 폴더를 비웁니다. 사이트가 아닌 폴더를 지우면 안 됩니다.
    if target.exists() and any(target.iterdir()) and not (target / "404.html").exists():
        raise SiteError(f"{path}는 비어 있지 않고 사이트도 아닙니다. 다른 경로를 적으세요")
    run_mkdocs(root, target)
    return path


def write_zip(path: Path, root: Path) -> Path:
    """file://로 여는 사이트를 zip 하나로 만듭니다."""
    if path.is_dir():
        path = path / ZIP
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder) / "site"
        run_mkdocs(root, site, "mkdocs.offline.yml")
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(site.rglob("*")):
                # 404 페이지는 웹 서버의 주소를 쓰므로 file://에서는 깨져 보입니다.
                if file.is_file() and file != site / "404.html":
                    archive.write(file, f"{FOLDER}/{file.relative_to(site).as_posix()}")
    return path
