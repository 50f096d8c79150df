"""한국어 문장의 규칙: 쓰지 않는 말, 합니다체, 느낌표, 제목의 모양."""

import re
from collections.abc import Iterator

from harness.prose import HEADING, Text, texts
from lab.scenarios import without_code

RULED_OUT = {
    "디펜던시|종속성": "의존성",
    "쓰레드": "스레드",
    "스레드 풀": "스레드풀",
    "테스크": "태스크",
    "리턴": "반환",
    "파라미터|파라메터": "매개변수",
    "(?<![가-힣])인수(?![가-힣])|(?<![가-힣])인수[를는가]": "인자",
    "메세지": "메시지",
    "에러": "오류",
    "당신": "여러분",
    "바디(?!스)": "본문",
    "메소드": "메서드",
    "디렉토리": "디렉터리",
    "병행성": "동시성",
    "대기열": "큐",
    "작업자": "워커",
    "엔드 ?포인트": "경로 처리",
    "배경 작업": "백그라운드 태스크",
    "하십시오": "하세요",
    "되어집|되어진|보여집|보여진": "피동을 한 번만",
    "(?:을|를) 통해|에 대해서|로 하여금": "번역투가 아닌 말",
    "매우|굉장히|아주 |강력한|놀라운|손쉽|완벽": "꾸미지 않은 말",
}
POLITE = re.compile(r"(?:니다|니까|세요|까요|나요|가요)$")
ENDED = re.compile(r"(?:니다|까|세요|나요|가요)[.?]$|[:!]$")
PLAIN = re.compile(r"(?<!니)다\.?$|[^세나까가]요\.?$")
HANGUL = re.compile(r"[가-힣]")
SENTENCE = re.compile(r'(?<=[.?!])\s+|(?<=[.?!]["”)])\s+')
ASIDE = re.compile(r"\s*\([^()]*\)(?=[.?:]?$)")
QUOTED = re.compile(r'"[^"]*"|“[^”]*”')
IDENTIFIER = re.compile(r"\{ #([a-z][a-z0-9-]*) \}$")


def sentences(text: str) -> list[str]:
    """문장으로 나눕니다. 끝의 괄호와 따옴표는 벗깁니다."""
    return [
        re.sub(r'["”)]+([.?:]?)$', r"\1", ASIDE.sub("", part.strip()))
        for part in SENTENCE.split(text)
        if part.strip()
    ]


def wrong_words(text: str) -> Iterator[str]:
    """쓰지 않는 말입니다. 따옴표 안의 말은 인용한 것입니다."""
    for pattern, better in RULED_OUT.items():
        for found in re.finditer(pattern, QUOTED.sub('""', text)):
            yield f"{found[0]!r} 대신 {better}"


def wrong_endings(text: Text) -> Iterator[str]:
    """합니다체가 아닌 문장입니다. 목록과 표의 칸에는 명사구를 쓸 수 있습니다."""
    if text.kind in ("heading", "title"):
        return
    for sentence in sentences(QUOTED.sub('""', text.plain)):
        if not HANGUL.search(sentence) or sentence.startswith("→"):
            continue
        ended = sentence.endswith((".", "?", ":", "!"))
        must_be_polite = ended and text.kind == "paragraph"
        if PLAIN.search(sentence) or (must_be_polite and not ENDED.search(sentence)):
            yield f"합니다체가 아닙니다: {sentence[-30:]!r}"
        elif ended or text.kind == "cell":
            continue
        elif text.kind == "paragraph" or POLITE.search(sentence):
            yield f"마침표가 없습니다: {sentence[-30:]!r}"


def wrong_heading(heading: str) -> Iterator[str]:
    """명사구나 -하기가 아닌 제목, 영어 id가 없는 제목입니다."""
    if not IDENTIFIER.search(heading):
        yield f"영어 id가 없습니다: {heading!r}"
    title = QUOTED.sub("", re.sub(r"\s*\{[^}]*\}$", "", heading))
    if re.search(r"[.?!:]$|(?:니다|세요|니까|나요)$", title):
        yield f"제목은 문장이 아닙니다: {title!r}"


def findings(page: str) -> list[str]:
    """페이지의 글에서 규칙에 어긋난 곳을 '줄: 까닭'으로 늘어놓습니다."""
    found = []
    for text in texts(page):
        problems = [*wrong_words(text.plain), *wrong_endings(text)]
        if "!" in QUOTED.sub("", text.plain):
            problems.append("느낌표를 쓰지 않습니다")
        found += [f"{text.line}: {problem}" for problem in problems]
    return found


def heading_findings(page: str) -> list[str]:
    """사이트의 페이지에서 제목의 모양이 어긋난 곳입니다. 같은 id를 두 번 쓴 곳도 찾습니다."""
    found: list[str] = []
    seen: set[str] = set()
    written = page.splitlines()
    for number, line in enumerate(without_code(page).splitlines(), 1):
        if not HEADING.match(line):
            continue
        heading = HEADING.match(written[number - 1])
        assert heading is not None
        found += [f"{number}: {problem}" for problem in wrong_heading(heading[2])]
        identifier = IDENTIFIER.search(heading[2])
        if identifier and identifier[1] in seen:
            found.append(f"{number}: id를 두 번 썼습니다: {identifier[1]}")
        seen |= {identifier[1]} if identifier else set()
    return found
