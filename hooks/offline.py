"""file://로 여는 사이트에 기록을 스크립트로 넣습니다. 브라우저는 file://에서 fetch를 막습니다."""

from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig

SCRIPT = "assets/recordings.js"


def is_offline(config: MkDocsConfig) -> bool:
    return "material/offline" in config.plugins


def script(folder: Path) -> str:
    """폴더의 기록을 모두 `labRecordings`에 넣는 스크립트입니다. client.js가 읽습니다."""
    entries = [
        f'"{file.stem}": {file.read_text(encoding="utf-8").strip()}'
        for file in sorted(folder.glob("*.json"))
    ]
    return f"window.labRecordings = {{\n{','.join(entries)}\n}};\n"


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """mkdocs가 설정을 읽고 부릅니다."""
    if is_offline(config):
        config.extra_javascript.insert(0, SCRIPT)
    return config


def on_post_build(config: MkDocsConfig) -> None:
    """mkdocs가 빌드를 마치고 부릅니다."""
    if is_offline(config):
        site = Path(config.site_dir)
        text = script(site / "assets" / "recordings")
        (site / SCRIPT).write_text(text, encoding="utf-8")
