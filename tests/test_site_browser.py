"""사이트의 모든 페이지를 실제 Chromium으로 엽니다: 접근성, 다른 호스트, 넘침, 검색, file://."""

import json
import os
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from harness.browser import Watch, chromium, static_site
from harness.processes import without_coverage
from lab.site import ROOT, build_site, run_mkdocs, sitemap

pytestmark = pytest.mark.whole

Look = tuple[Literal["light", "dark"], dict[str, int], dict[str, Any]]
HERE = Path(__file__).parent
AXE = HERE / "vendor" / "axe-core" / "axe.min.js"
EXAMINE = HERE / "harness" / "examine.js"
QUERIES = HERE / "search_queries.toml"
SECONDS = 20_000
WIDE = {"width": 1280, "height": 900}
NARROW = {"width": 390, "height": 844}
EVERYTHING = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
# 화면의 폭이나 색에 따라 달라지는 규칙입니다. 나머지는 한 번만 봅니다.
LOOKS = ("color-contrast", "link-in-text-block", "target-size", "scrollable-region-focusable")
APPEARANCE = {"runOnly": {"type": "rule", "values": LOOKS}}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """모듈이 끝나면 닫습니다. playwright의 이벤트 루프가 다른 테스트와 겹치지 않게 합니다."""
    expect.set_options(timeout=SECONDS)
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module", autouse=True)
def unmeasured() -> Iterator[None]:
    """mkdocs의 프로세스는 커버리지를 재지 않습니다."""
    with pytest.MonkeyPatch.context() as patch:
        for name in set(os.environ) - set(without_coverage()):
            patch.delenv(name)
        yield


@pytest.fixture(scope="module")
def folder() -> Path:
    """빌드한 사이트의 폴더입니다."""
    return build_site()


@pytest.fixture(scope="module")
def site(folder: Path) -> Iterator[str]:
    with static_site(folder) as url:
        yield url


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=WIDE, reduced_motion="reduce")  # type: ignore[arg-type]
    context.set_default_timeout(SECONDS)
    yield context
    context.close()


def resize(page: Page, size: dict[str, int]) -> None:
    page.set_viewport_size(size)  # type: ignore[arg-type]


def overflow(page: Page) -> int:
    """페이지가 화면보다 넓은 만큼(픽셀)입니다."""
    width: int = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return width


def move(page: Page, url: str) -> None:
    """페이지를 새로 읽지 않고 바로 옮깁니다(navigation.instant). 스크립트와 글꼴은 그대로입니다."""
    page.evaluate("(url) => examine.move(url)", url)
    page.wait_for_selector(".md-container:not([data-left])", state="attached")


def faults_of(page: Page, part: str, looks: list[Look]) -> Iterator[str]:
    """열려 있는 페이지를 넓은 화면과 좁은 화면에서, 밝게도 어둡게도 살펴 잘못을 찾습니다."""
    page.wait_for_function("() => examine.widgetsAreReady()")
    page.evaluate("examine.unfold()")
    page.evaluate("examine.shorten()")
    for scheme, size, options in looks:
        page.emulate_media(color_scheme=scheme)
        resize(page, size)
        where = f"({scheme}, {size['width']})"
        for code in page.evaluate("(width) => examine.settle(width)", size["width"]):
            yield f"{where} 넘치는 코드나 표를 키보드로 밀 수 없습니다: {code}"
        if (wider := overflow(page)) > 0:
            yield f"{where} 화면보다 {wider}px 넓습니다"
        run_axe = "([part, options]) => examine.runAxe(part, options)"
        yield from (f"{where} {found}" for found in page.evaluate(run_axe, [part, options]))


@pytest.mark.timeout(120)
@pytest.mark.parametrize("third", range(3))
def test_every_page_is_readable_by_everyone_and_asks_no_other_host(
    context: BrowserContext, folder: Path, site: str, third: int
) -> None:
    page = context.new_page()
    watch = Watch(page)
    page.route("**/sitemap.xml", lambda route: route.fulfill(body=sitemap(folder, site)))
    looks: list[Look] = [
        ("light", WIDE, EVERYTHING),
        ("dark", WIDE, APPEARANCE),
        ("dark", NARROW, APPEARANCE),
        ("light", NARROW, APPEARANCE),
    ]
    found: list[str] = []

    def examine(path: str, part: str) -> None:
        faults = [*faults_of(page, part, looks), *watch.errors]
        found.extend(f"/{path} {fault}" for fault in faults)
        watch.errors.clear()
        looks.reverse()  # 앞 페이지를 마지막으로 본 화면에서 시작하면 다시 그리는 횟수가 줍니다.

    # 머리말과 메뉴는 어느 페이지나 같으므로 두 페이지에서만 보고, 나머지는 본문을 봅니다.
    start = ("404.html", "", "")[third]
    page.goto(f"{site}/{start}")
    for script in (AXE, EXAMINE):
        page.evaluate(script.read_text(encoding="utf-8"))
    examine(start, "html")
    for file in sorted(folder.glob("*/**/index.html"))[third::3]:
        path = file.relative_to(folder).as_posix().removesuffix("index.html")
        move(page, f"{site}/{path}")
        examine(path, "article")

    assert found == [], "\n".join(found)
    assert watch.foreign == []


def open_search(page: Page, url: str) -> None:
    """페이지를 열고, 테마의 검색 일꾼(worker)이 준비될 때까지 기다립니다."""
    page.add_init_script("""
      const Original = Worker;
      window.Worker = class extends Original {
        constructor(...given) {
          super(...given);
          window.searcher = this;
        }
      };
    """)
    page.goto(url)
    page.locator(".md-search__input").focus()
    expect(page.locator(".md-search-result__meta")).to_contain_text("검색어를 입력")


ASK = """
(query) => new Promise((resolve) => {
  const answer = ({ data }) => {
    if (data.type !== 3) return;
    searcher.removeEventListener("message", answer);
    resolve(data.data.items.map(([first]) => first.location));
  };
  searcher.addEventListener("message", answer);
  searcher.postMessage({ type: 2, data: query });
})
"""


def page_of(location: str) -> str:
    """검색 결과의 주소를 docs/ 아래의 이름으로 바꿉니다. 예: "lessons/01-basic" """
    path = location.partition("#")[0].strip("/")
    return path if (ROOT / "docs" / f"{path}.md").exists() else f"{path}/index".strip("/")


def test_search_finds_the_pages_that_a_learner_looks_for(
    context: BrowserContext, site: str
) -> None:
    groups = tomllib.loads(QUERIES.read_text(encoding="utf-8"))
    queries: dict[str, list[str]] = {
        query: wanted for group in groups.values() for query, wanted in group.items()
    }
    page = context.new_page()
    open_search(page, site)

    missing: list[str] = []
    empty: list[str] = []
    later: list[str] = []
    for query, wanted in queries.items():
        found = [page_of(location) for location in page.evaluate(ASK, query)]
        missing += [f"{query!r}: {each}" for each in wanted if each not in found]
        if not found:
            empty.append(query)
        elif found[0] not in wanted:
            later.append(f"{query!r}: 첫째는 {found[0]}, 원한 것은 {wanted}")

    asked = sum(map(len, queries.values()))
    report = "\n".join(["찾지 못한 것:", *missing, "첫째가 아닌 것:", *later])
    assert len(queries) >= 60
    assert empty == [], report
    assert 1 - len(missing) / asked >= 0.95, report
    assert 1 - len(later) / len(queries) >= 0.80, report


def test_search_hears_typing_pasting_and_half_composed_korean(
    context: BrowserContext, site: str
) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    open_search(page, site)
    field = page.locator(".md-search__input")
    first = page.locator(".md-search-result__item").first

    field.press_sequentially("브로커는")
    expect(first).to_contain_text("브로커")

    field.fill("")
    page.evaluate("navigator.clipboard.writeText('멱등성은')")
    field.press("Control+V")
    expect(first).to_contain_text("멱등성")

    field.fill("")
    keyboard = context.new_cdp_session(page)
    composing = {"text": "세마포", "selectionStart": 3, "selectionEnd": 3}
    keyboard.send("Input.imeSetComposition", composing)
    expect(first).to_contain_text("세마포어")


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """USB로 나누어 주는 사이트입니다."""
    target = tmp_path_factory.mktemp("offline") / "site"
    run_mkdocs(ROOT, target, "mkdocs.offline.yml")
    return target


def test_the_site_works_when_opened_as_files(context: BrowserContext, unpacked: Path) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    watch = Watch(page)

    page.goto((unpacked / "lessons" / "02-multiple.html").as_uri())
    replayed = page.locator(".lab-run .lab-row[data-kind='task']")
    expect(replayed.first).to_be_visible()
    tabs = page.locator(".tabbed-set")
    tabs.first.get_by_text("고친 코드").click()
    for tab in (tabs.first, tabs.last):  # 한 곳에서 고르면 모두 바뀝니다.
        expect(tab.locator(".tabbed-block:visible")).to_contain_text("/fixed")
    page.locator(".md-code__button[data-md-type='copy']").first.click()
    assert page.evaluate("navigator.clipboard.readText()") == "uv run lab 02"
    page.locator(".md-search__input").press_sequentially("브로커는")
    page.locator(".md-search-result__link").first.click()
    expect(page.locator("article")).to_contain_text("브로커")
    assert page.url.startswith("file://")
    assert watch.errors == []
    assert watch.foreign == []


FEW = 2
"""페이지 하나가 받아도 되는 조각의 수입니다. 글꼴을 만든 뒤에 더한 글자가 쓰는 것입니다."""


@pytest.mark.parametrize("path", ["", "lessons/04-celery/", "instructors/"])
def test_a_page_needs_one_font_file_for_its_korean(
    context: BrowserContext, site: str, path: str
) -> None:
    page = context.new_page()
    fonts: list[str] = []
    page.on("request", lambda asked: fonts.append(asked.url) if ".woff2" in asked.url else None)

    page.goto(f"{site}/{path}")
    page.evaluate("document.fonts.ready")

    pieces = [url for url in fonts if "dynamic-subset" in url]
    again = "새 글자가 많습니다. 실행하세요: uv run --group font python .ci/font/cut.py"
    assert sum("course-sans" in url for url in fonts) == 1
    assert len(pieces) <= FEW, again


def test_folded_answers_are_open_on_paper(context: BrowserContext, site: str) -> None:
    page = context.new_page()
    page.goto(f"{site}/lessons/02-multiple/")
    closed = page.locator("article details:not([open])")
    before = closed.count()

    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert (before > 0, closed.count()) == (True, 0)
    assert (
        page.locator(".md-header, .md-sidebar, .md-footer__inner").locator("visible=true").count()
        == 0
    )

    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert closed.count() == before


def test_a_missing_page_is_explained_in_korean(folder: Path) -> None:
    assert "없는 페이지입니다" in (folder / "404.html").read_text(encoding="utf-8")


def test_a_shared_link_shows_a_picture_of_this_site(folder: Path) -> None:
    page = (folder / "lessons" / "01-basic" / "index.html").read_text(encoding="utf-8")

    assert '<meta property="og:image" content="http://127.0.0.1:8000/assets/social.png">' in page
    assert (folder / "assets" / "social.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert "content.action.edit" not in page
    assert json.loads((folder / "search" / "search_index.json").read_text(encoding="utf-8"))["docs"]
