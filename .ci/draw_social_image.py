"""링크를 나눌 때 보이는 그림(docs/assets/social.png)을 다시 그립니다.

실행: uv run python .ci/draw_social_image.py
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

ASSETS = Path(__file__).parent.parent / "docs" / "assets"
PAGE = """<!doctype html><meta charset="utf-8">
<link rel="stylesheet" href="vendor/pretendard/pretendardvariable-dynamic-subset.css">
<style>
  body { margin: 0; padding: 80px; box-sizing: border-box; height: 630px;
         font-family: "Pretendard Variable"; color: #fff; background: #1f2c6b; }
  h1 { margin: 0; font-size: 76px; line-height: 1.25; }
  p { margin: 20px 0 56px; font-size: 34px; color: #d5dcff; }
  svg { width: 1040px; }
  text { font-size: 26px; fill: #fff; }
</style>
<h1>FastAPI<br>백그라운드 태스크 실습</h1>
<p>응답이 나간 뒤에 무슨 일이 일어나는지, 실행해서 봅니다</p>
<svg viewBox="0 0 1040 150">
  <rect x="0" y="44" width="330" height="40" rx="6" fill="#8ea6ff"/>
  <rect x="350" y="100" width="640" height="40" rx="6" fill="#5fe0b5"/>
  <path d="M340 0v150" stroke="#fff" stroke-width="4"/>
  <text x="352" y="30">응답</text><text x="0" y="30">요청</text><text x="350" y="84">태스크</text>
</svg>
"""


def main() -> None:
    """Chromium으로 그려 PNG로 적습니다."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("Chromium이 없습니다. 설치: sudo apt-get install --no-install-recommends chromium")
    page_file = ASSETS / "social.html"
    page_file.write_text(PAGE, encoding="utf-8")
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
            )
            page = browser.new_page(viewport={"width": 1200, "height": 630})
            page.goto(page_file.as_uri())
            page.evaluate("document.fonts.ready")
            page.screenshot(path=str(ASSETS / "social.png"))
            browser.close()
    finally:
        page_file.unlink()


if __name__ == "__main__":
    main()
