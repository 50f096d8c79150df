"""워커 수 계산기: 실제 Chromium에서, 공식이 같은 값을 내고 잘못 적으면 한국어로 알려 줍니다."""

import random
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from harness.browser import Watch, chromium
from lab.site import ROOT
from measurements.queueing import formulas

pytestmark = pytest.mark.whole

SCRIPTS = ("lab/dom.js", "queueing.js", "queue-calculator.js")
PLACE = '<html lang="ko"><div class="queue-calculator"></div></html>'


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    watch = Watch(page)
    page.set_content(PLACE)
    for name in SCRIPTS:
        page.add_script_tag(path=ROOT / "docs" / "assets" / "js" / name)
    yield page
    page.close()
    assert (watch.errors, watch.foreign) == ([], [])


def write(page: Page, **values: str) -> None:
    for name, value in values.items():
        page.locator(f"#queue-{name}").fill(value)


def read(page: Page) -> dict[str, str]:
    """답의 이름과 값입니다."""
    terms = page.locator("dt").all_text_contents()
    return dict(zip(terms, page.locator("dd").all_text_contents(), strict=True))


def test_the_page_computes_the_same_values_as_the_formulas(page: Page) -> None:
    source = random.Random(11)
    cases = []
    for workers in (1, 2, 3, 4, 10, 57, 300, 2000):
        service = source.uniform(0.001, 30)
        cases += [
            (workers, utilisation * workers / service, service)
            for utilisation in (0.05, 0.3, 0.7, 0.9, 0.95, 0.999)
        ]
    call = """(cases) => cases.map(([workers, rate, service]) => [
        queueing.erlangC(workers, rate, service),
        queueing.waitWhenRandom(workers, rate, service),
        queueing.waitWhenConstant(workers, rate, service),
        queueing.waitQuantileWhenRandom(workers, rate, service, 0.95),
        queueing.workersFor(rate, service, service / 10),
    ])"""

    for (workers, rate, service), found in zip(cases, page.evaluate(call, cases), strict=True):
        expected = [
            formulas.erlang_c(workers, rate, service),
            formulas.wait_when_random(workers, rate, service),
            formulas.wait_when_constant(workers, rate, service),
            formulas.wait_quantile_when_random(workers, rate, service, 0.95),
            formulas.workers_for(rate, service, service / 10),
        ]
        # 아주 짧은 대기는 큰 수의 차로 구하므로 마지막 자리가 다를 수 있습니다.
        assert found == pytest.approx(expected, rel=1e-6, abs=1e-9 * service)


def test_the_answer_changes_as_the_numbers_are_typed(page: Page) -> None:
    write(page, rate="8", service="0.1", workers="1", longest="0.1")
    assert read(page) == {
        "이용률": "80 %",
        "평균 대기, 태스크의 시간이 일정할 때": "200 ms",
        "평균 대기, 태스크의 시간이 들쭉날쭉할 때": "400 ms",
        "100개 가운데 95개의 대기는 이보다 짧음": "1.39초",
        "줄에 서 있는 태스크의 평균": "3.2개",
        "필요한 워커": "2개",
    }

    write(page, workers="2")
    assert read(page)["이용률"] == "40 %"


def test_more_work_than_the_workers_can_do_is_told_with_the_number_needed(page: Page) -> None:
    write(page, rate="50", service="0.1", workers="4", longest="1")

    expect(page.locator(".queue-problem")).to_contain_text("줄이 끝없이 길어집니다")
    expect(page.locator(".queue-problem")).to_contain_text("6개 이상으로")
    assert read(page) == {"이용률": "125 %", "필요한 워커": "6개"}


@pytest.mark.parametrize(
    ("field", "value", "hint"),
    [
        ("rate", "", "숫자를 적으세요"),
        ("rate", "많이", "숫자로 읽을 수 없습니다"),
        ("service", "0", "0보다 큰 수"),
        ("service", "-1", "0보다 큰 수"),
        ("workers", "2.5", "정수를 적으세요"),
        ("workers", "100000", "10,000 이하로"),
        ("longest", "Infinity", "너무 큽니다"),
    ],
)
def test_a_wrong_number_is_explained_beside_its_field(
    page: Page, field: str, value: str, hint: str
) -> None:
    write(page, **{field: value})

    wrong = page.locator(f"#queue-{field}")
    expect(page.locator(f"#queue-{field}-hint")).to_contain_text(hint)
    expect(wrong).to_have_attribute("aria-invalid", "true")
    expect(wrong).to_have_accessible_description(page.locator(f"#queue-{field}-hint").inner_text())
    expect(page.locator(".queue-problem")).to_contain_text("고치면 계산합니다")
    assert read(page) == {}

    write(page, **{field: "1"})
    expect(wrong).to_have_attribute("aria-invalid", "false")
    assert "이용률" in read(page)


def test_workers_are_counted_exactly(page: Page) -> None:
    write(page, rate="10,020", service="0.1", workers="1", longest="100")

    assert read(page)["필요한 워커"] == "1,003개"


def test_more_workers_than_the_page_can_count_are_refused(page: Page) -> None:
    write(page, rate="1,000,000", service="86,400")

    expect(page.locator(".queue-problem")).to_contain_text("10,000개까지 계산합니다")


def test_every_field_has_a_name_and_the_answer_is_announced(page: Page) -> None:
    expect(page.get_by_role("textbox")).to_have_count(4)
    for box in page.get_by_role("textbox").all():
        expect(box).not_to_have_accessible_name("")
    expect(page.get_by_role("form", name="워커 수 계산기")).to_be_visible()
    expect(page.locator("[aria-live=polite] dl")).to_be_visible()
