"""저장소의 주소를 알려 줄 때만 페이지를 고치는 링크를 답니다.

`repo_url`을 쓰면 테마가 별의 수를 물으러 다른 호스트에 접속하므로 쓰지 않습니다.
"""

import os

from mkdocs.config.defaults import MkDocsConfig


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """예: REPOSITORY_URL=https://github.com/name/course uv run mkdocs build"""
    repository = os.environ.get("REPOSITORY_URL", "").rstrip("/")
    if repository:
        config.edit_uri_template = f"{repository}/edit/main/docs/{{path}}"
        config.theme["features"] = [*config.theme["features"], "content.action.edit"]
    return config
