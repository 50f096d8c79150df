"""페이지의 글과 코드 블록이 지키는 약속. 빌드가 조용히 넘기는 잘못도 찾습니다."""

from urllib.parse import urlsplit

import pytest

from harness import frame, korean, numbers, snippets
from lab.consoles import blocks, commands_in, kind_of
from lab.site import ROOT

PAGES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in sorted(ROOT.glob("docs/**/*.md"))
}
READMES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in [ROOT / "README.md", *sorted(ROOT.glob("examples/*/README.md"))]
}
LESSONS = {name: page for name, page in PAGES.items() if name.startswith("docs/lessons/")}
SOURCES = snippets.read_sources(ROOT, PAGES.values())
# 새로 이어 줄 사이트는 여기에 더합니다. 낯선 주소나 잘못 적은 주소가 섞이지 않게 합니다.
OUTSIDE = {
    *("docs.astral.sh", "docs.celeryq.dev", "docs.python.org", "fastapi.tiangolo.com"),
    *("github.com", "www.rabbitmq.com", "www.starlette.io", "www.uvicorn.org", "opentelemetry.io"),
}

# 결정을 내린 까닭과 배우는 사람의 사연에 나오는 시간은 잰 값이 아닙니다.
UNMEASURED = ("docs/contributing/", "docs/instructors.md")


@pytest.mark.parametrize("name", [*PAGES, *READMES])
def test_the_words_of_a_page_keep_the_rules(name: str) -> None:
    assert korean.findings({**PAGES, **READMES}[name]) == []


@pytest.mark.parametrize("name", PAGES)
def test_every_heading_is_short_and_has_an_english_id(name: str) -> None:
    assert korean.heading_findings(PAGES[name]) == []


@pytest.mark.parametrize("name", PAGES)
def test_the_code_of_a_page_is_embedded_and_complete(name: str) -> None:
    assert snippets.findings(PAGES[name], SOURCES) == []


def test_every_region_of_a_source_is_closed_filled_and_used() -> None:
    wrong = [f"{name}:{each}" for name, source in SOURCES.items() for each in source.problems]

    assert wrong + snippets.unused_sections(SOURCES, PAGES) == []


def unproved_outputs(page: str) -> list[str]:
    """출력이 적혀 있지만 다시 실행할 수 없는 명령입니다."""
    return [
        f"{command.start}: {command.text}"
        for block in blocks(page)
        if block.language == "console" and not block.not_run
        for command in commands_in(block)
        if any(command.output) and kind_of(command.text) in (None, "fault")
    ]


@pytest.mark.parametrize("name", PAGES)
def test_an_output_is_shown_only_under_a_command_that_is_run_again(name: str) -> None:
    assert unproved_outputs(PAGES[name]) == []


def pitfalls_left_for(name: str) -> set[str]:
    """예제의 함정에서, 번호가 같은 페이지(04-celery와 04-rabbitmq)가 다루는 것을 뺀 것입니다."""
    number = name.removeprefix("docs/lessons/").partition("-")[0]
    others = [LESSONS[other] for other in LESSONS if other != name and f"/{number}-" in other]
    pitfalls = {file.stem for file in ROOT.glob(f"examples/{number}_*/pitfalls/*.py")}
    return pitfalls - {found for page in others for found in frame.pitfalls_of(page)}


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_has_every_part_and_every_pitfall_that_is_left_for_it(name: str) -> None:
    assert list(frame.wrong_frame(LESSONS[name], pitfalls_left_for(name))) == []


@pytest.mark.parametrize("name", LESSONS)
def test_the_first_use_of_a_term_in_a_lesson_is_linked_to_the_glossary(name: str) -> None:
    assert list(frame.unlinked_terms(LESSONS[name])) == []


def test_the_glossary_has_every_term() -> None:
    assert frame.TERMS.keys() - frame.glossary_ids(PAGES["docs/glossary.md"]) == set()


@pytest.mark.parametrize("name", [name for name in PAGES if not name.startswith(UNMEASURED)])
def test_a_time_in_the_prose_is_in_the_code_or_has_evidence(name: str) -> None:
    assert numbers.findings(PAGES[name], ROOT) == []


def unexpected_links(page: str) -> list[str]:
    """https가 아니거나 목록에 없는 사이트로 가는 링크입니다."""
    links = {link: urlsplit(link) for link in frame.outside_links(page)}
    return sorted(
        link for link, to in links.items() if to.scheme != "https" or to.hostname not in OUTSIDE
    )


@pytest.mark.parametrize("name", [*PAGES, *READMES])
def test_a_link_to_another_site_is_https_and_to_a_site_we_know(name: str) -> None:
    assert unexpected_links({**PAGES, **READMES}[name]) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("디펜던시를 씁니다.", "의존성"),
        ("쓰레드가 셋입니다.", "스레드"),
        ("인수를 넘깁니다.", "인자"),
        ("당신은 압니다.", "여러분"),
        ("요청을 보낸다.", "합니다체가 아닙니다"),
        ("- 요청을 보낸다", "합니다체가 아닙니다"),
        ("요청을 보내요.", "합니다체가 아닙니다"),
        ("| 칸 | 응답이 먼저다. |", "합니다체가 아닙니다"),
        ("짧은 태스크, 세 가지.", "합니다체가 아닙니다"),
        ("요청을 보냅니다", "마침표가 없습니다"),
        ("1. 요청을 보내세요", "마침표가 없습니다"),
        ("**증상.** 응답이 없다.", "합니다체가 아닙니다"),
        ("끝났습니다!", "느낌표"),
        ('??? question "무엇입니까!"', "느낌표"),
        ("읽을\n사람은 당신입니다.", "1: '당신'"),
    ],
)
def test_a_sentence_that_breaks_a_rule_is_found(text: str, problem: str) -> None:
    (found,) = korean.findings(text)

    assert problem in found


@pytest.mark.parametrize(
    "text",
    [
        "매개변수는 셋입니다(하나는 비어 있습니다). 언제 실행되나요?",
        '"응답이 먼저다."라는 말은 맞습니다. 로그에 "done!"이라고 나옵니다.',
        '**오해.** "응답이 먼저다."',
        "다음을 확인하세요:\n\n- 응답의 상태 코드\n- 기록. 한 줄입니다.",
        '!!! question "질문"\n    - 무엇이 먼저입니까?',
        "```text\n당신!\n```\n`쓰레드`는 코드입니다.<!-- 메모다. -->",
        "| 말 | 뜻 |\n| --- | --- |\n| 브로커 | 메시지를 맡는 서버 |",
        "[큐](a.md)에 넣습니다 [근거](test:test_a.py::test_b).\n\n→ [05장](b.md)",
        "---\ntitle: 제목이다.\n---\n",
        "<figure><svg><title>그림이다!</title></svg></figure>",
    ],
)
def test_a_sentence_that_keeps_the_rules_is_not_found(text: str) -> None:
    assert korean.findings(text) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("# 제목", "영어 id가 없습니다"),
        ("# 제목 { #제목 }", "영어 id가 없습니다"),
        ("# 실행합니다 { #run }", "문장이 아닙니다"),
        ("# 실행하기. { #run }", "문장이 아닙니다"),
        ("# 하나 { #a }\n\n## 둘 { #a }", "id를 두 번"),
    ],
)
def test_a_heading_that_breaks_a_rule_is_found(text: str, problem: str) -> None:
    (found,) = korean.heading_findings(text)

    assert problem in found


SOURCE = snippets.Source("import os\n# --8<-- [start:a]\nx = 1  # (1)!\ny = 2\n# --8<-- [end:a]\n")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("```python\nx = 1\n```", "예제에서 가져오거나"),
        ('```python\n--8<-- "a.py:b"\n```', "없는 구역"),
        ('```python\n--8<-- "a.py:1:3"\n```', "줄 번호 대신"),
        ('```python hl_lines="2-3"\n--8<-- "a.py:a"\n```\n\n1. 설명', "hl_lines 3"),
        ('```python\n--8<-- "a.py:a"\n```', "설명 목록"),
        ('    ```python\n    --8<-- "a.py"\n    ```\n\n글입니다.\n\n1. 멉니다.', "설명 목록"),
    ],
)
def test_code_that_the_build_would_let_pass_is_found(text: str, problem: str) -> None:
    (found,) = snippets.findings(text, {"a.py": SOURCE})

    assert problem in found


@pytest.mark.parametrize(
    "text",
    [
        '```python hl_lines="1 2"\n--8<-- "a.py:a"\n```\n\n1.  설명\n',
        "<!-- 실행하지 않음: 도구의 안쪽입니다 -->\n```python\nx = 1\n```",
        "```toml\nx = 1\n```",
    ],
)
def test_code_that_is_embedded_or_marked_is_not_found(text: str) -> None:
    assert snippets.findings(text, {"a.py": SOURCE}) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("# --8<-- [start:a]\nx = 1\n", "end가 없는"),
        ("# --8<-- [end:a]\n", "start가 없는"),
        ("# --8<-- [start:a]\n\n# --8<-- [end:a]\n", "빈 구역"),
        ("# --8<-- [start:a]\nx\n# --8<-- [start:a]\n# --8<-- [end:a]\n", "두 번 시작한"),
    ],
)
def test_a_region_that_is_not_closed_or_empty_is_found(text: str, problem: str) -> None:
    assert problem in snippets.Source(text).problems[0]


def test_a_region_that_no_page_embeds_is_found() -> None:
    used = {"page": '--8<-- "a.py:a"'}

    assert snippets.unused_sections({"a.py": SOURCE}, {}) == ["a.py: 쓰지 않는 구역 a"]
    assert snippets.unused_sections({"a.py": SOURCE}, used) == []


def test_an_output_under_a_command_that_is_not_run_again_is_found() -> None:
    run = "curl http://127.0.0.1:8000/run/01_basic/log"
    page = f"```console\n$ {run}\n[]\n$ uv run lab 01\n$ uv run lab doctor\n문제없음\n```\n"

    assert unproved_outputs(page) == ["5: uv run lab doctor"]
    assert unproved_outputs(f"<!-- 실행하지 않음: 까닭 -->\n{page}") == []


LESSON = """---
title: 제목
teaching: 15
exercises: 10
---

# 제목 { #title }

!!! question "질문"
    - 무엇입니까?

**학습 목표.** 다음을 할 수 있습니다.

## 실행하기 { #run }
## 무슨 일이 일어나는가 { #timeline }
## 코드 읽기 { #code }
## 함정 { #pitfalls }

<!-- pitfall a -->
<!-- pitfall-code a -->

## 확인 문제 { #check }

??? question "하나"
??? question "둘"
??? question "셋"

## 실습 { #exercises }
## 핵심 정리 { #key-points }

??? note "강사 노트 (10분)"
"""


def test_a_whole_lesson_has_nothing_wrong() -> None:
    assert list(frame.wrong_frame(LESSON, {"a"})) == []


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("teaching: 15\n", "", "teaching"),
        ("exercises: 10", "exercises: 조금", "exercises"),
        ("## 실습 { #exercises }\n", "", "차례가"),
        ("{ #run }", "{ #start }", "차례가"),
        ("**학습 목표.** ", "", "차례가"),
        ('??? question "셋"\n', "", "확인 문제가 3개보다"),
        ("<!-- pitfall a -->\n", "", "a: pitfall이"),
        ("<!-- pitfall-code a -->\n", "", "a: pitfall-code이"),
        ("<!-- pitfall a -->\n", "<!-- pitfall a -->\n" * 2, "a: pitfall을(를) 2번"),
    ],
)
def test_a_lesson_that_lacks_a_part_is_found(before: str, after: str, problem: str) -> None:
    (found,) = frame.wrong_frame(LESSON.replace(before, after), {"a"})

    assert problem in found


@pytest.mark.parametrize(
    ("text", "linked"),
    [
        ("[브로커](../glossary.md#broker)(broker)는 큐입니다. 브로커입니다.", True),
        ("# 브로커 { #b }\n\n`브로커`와 [브로커](../glossary.md#broker)입니다.", True),
        ("브로커입니다. [브로커](../glossary.md#broker)입니다.", False),
        ("- [브로커](../glossary.md#worker)입니다.", False),
        ("브로커란?\n\n## 실행하기 { #run }\n\n[브로커](../glossary.md#broker)입니다.", True),
        ("[브로커](../glossary.md#broker)란?\n\n## 실행하기 { #run }\n\n브로커입니다.", True),
        ("브로커란?\n\n## 실행하기 { #run }\n\n글입니다.", False),
    ],
)
def test_only_the_first_use_of_a_term_must_be_a_link(text: str, linked: bool) -> None:
    assert (list(frame.unlinked_terms(text)) == []) is linked


@pytest.mark.parametrize(
    ("text", "unexpected"),
    [
        ("[문서](https://docs.python.org/3/)", []),
        ("<http://127.0.0.1:8000/run/01_basic/docs>", []),
        ("`http://example.com`", []),
        ("[문서](http://docs.python.org/3/)", ["http://docs.python.org/3/"]),
        ("<https://docs.python.orq/>", ["https://docs.python.orq/"]),
    ],
)
def test_a_link_to_an_unknown_site_is_found(text: str, unexpected: list[str]) -> None:
    assert unexpected_links(text) == unexpected


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("7초가 걸립니다.", ["1: 7초"]),
        ("평균 1.5 ms입니다.\n\n```console\n$ sleep 15\n```", ["1: 1.5 ms"]),
        ("7초가 걸립니다 [근거](test:test_a.py::test_b).", []),
        ('??? question "7초 뒤에는?"\n    "8초입니다."라고 답합니다.', []),
        ("2초 뒤입니다.\n\n```python\nSECONDS = 2\n```", []),
        ("<!-- pitfall called_instead_of_passed -->\n\n2초가 걸립니다.", []),
    ],
)
def test_a_time_that_no_code_shows_is_found(text: str, problems: list[str]) -> None:
    assert numbers.findings(text, ROOT) == problems
