"""사이트를 빌드해 쓰인 글자를 모으고, Pretendard에서 그 글자만 남긴 글꼴을 적습니다.

`uv run --group font python .ci/font/cut.py`로 실행합니다. 나중에 더한 글자는 Pretendard의 조각에서
받으므로, 새 글자가 많아졌을 때만 다시 실행하면 됩니다.
"""

import html
import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

from lab import node
from lab.site import ROOT, SiteError, build_site

FOLDER = Path(__file__).parent
SOURCE = FOLDER / "node_modules/pretendard/dist/public/variable/PretendardVariable.ttf"
TARGET = ROOT / "docs/assets/vendor/course-sans/course-sans.woff2"
WEIGHTS = (300, 700)
"""사이트가 쓰는 가장 가는 굵기와 가장 굵은 굵기입니다."""
NAME = "Course Sans"
"""고친 글꼴은 원래의 이름을 쓸 수 없습니다(SIL Open Font License 1.1, 3조)."""
NAMES = {1: NAME, 2: "Regular", 3: NAME, 4: NAME, 6: NAME.replace(" ", "")}
LICENSES = [0, 13, 14]
"""저작권, 사용 허가, 그 주소입니다. 원래의 것을 그대로 남깁니다."""
WORDS = ("*.html", "assets/js/**/*.js", "assets/recordings/*.json")


def characters(site: Path) -> set[str]:
    """사이트의 페이지와 스크립트에 나오는 글자입니다."""
    files = [file for pattern in WORDS for file in site.rglob(pattern)]
    texts = [html.unescape(file.read_text(encoding="utf-8")) for file in files]
    return {character for text in texts for character in text if character.isprintable()}


def cut(source: Path, kept: set[str], target: Path) -> None:
    """`source`의 글꼴에서 `kept`만 남겨 `target`에 적습니다."""
    options = subset.Options(flavor="woff2", name_IDs=LICENSES)
    font = subset.load_font(str(source), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(text="".join(sorted(kept)))
    subsetter.subset(font)
    font = instancer.instantiateVariableFont(font, {"wght": WEIGHTS})
    rename(font)
    subset.save_font(font, str(target), options)


def rename(font: TTFont) -> None:
    """글꼴에 새 이름을 적습니다."""
    for number, name in NAMES.items():
        font["name"].setName(name, number, 3, 1, 0x409)


def main() -> None:
    """글꼴을 적고 크기를 알립니다."""
    try:
        node.find_node()
        if not SOURCE.is_file():
            node.install(FOLDER, "Pretendard")
        kept = characters(build_site())
    except (node.NodeError, SiteError) as error:
        sys.exit(str(error))
    cut(SOURCE, kept, TARGET)
    print(f"{len(kept)}자를 적었습니다: {TARGET} ({TARGET.stat().st_size / 1000:.0f} kB)")


if __name__ == "__main__":
    main()
