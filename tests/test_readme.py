"""README의 링크와 목록은 저장소에 있는 것과 맞습니다. 적힌 명령은 test_outputs.py가 실행합니다."""

import re
from pathlib import Path

import pytest

from conftest import EXAMPLES

ROOT = EXAMPLES.parent


@pytest.mark.parametrize("readme", [ROOT / "README.md", *sorted(EXAMPLES.glob("*/README.md"))])
def test_every_link_of_a_readme_leads_somewhere(readme: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)", readme.read_text(encoding="utf-8"))

    assert links
    for link in links:
        assert link.startswith("http") or (readme.parent / link).exists(), link


def test_the_readme_names_every_example_and_how_to_start_it() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")

    for folder in sorted(EXAMPLES.glob("*/")):
        number = folder.name.partition("_")[0]
        assert f"[{folder.name}](examples/{folder.name}/README.md)" in text
        assert f"`uv run lab {number}`" in text
