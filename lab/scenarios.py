"""사이트의 페이지에서, 위젯이 보낼 요청(시나리오)을 찾습니다. 기록할 것은 이것이 전부입니다."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from pathlib import Path

FENCE = re.compile(r"^\s*(`{3,}|~{3,})")
INLINE_CODE = re.compile(r"(`+)[^`].*?\1")
NAME = re.compile(r"[a-z0-9_-]+")
FAULT = re.compile(r"(?:kill|stop) \w+")
WIDGETS = ("lab-run", "lab-compare")


class ScenarioError(ValueError):
    """페이지의 위젯을 잘못 적었습니다. 메시지는 파일, 줄, 고칠 것을 알려 줍니다."""


@dataclass(frozen=True)
class Scenario:
    """요청 하나와, 이어서 보낼 수도 있는 요청 하나입니다."""

    program: str
    name: str
    """기록할 파일의 이름입니다(확장자 없이). 예: "01_basic-notify" """
    method: str
    path: str
    body: str | None
    """JSON 본문입니다. 없으면 None입니다."""
    then: str | None
    """응답을 받자마자 보낼 요청입니다. 예: "GET /ping" """
    meanwhile: str | None
    """첫 요청을 실행하는 동안, 응답을 기다리지 않고 보낼 요청입니다."""
    fault: str | None
    """태스크가 실행되는 동안 낼 고장입니다. 바로 다시 시작합니다. 예: "kill worker" """
    place: str
    """위젯이 적힌 곳입니다. 예: "lessons/01-basic.md:20" """


def without_code(text: str) -> str:
    """코드 블록과 인라인 코드를 비웁니다. 줄 번호는 그대로입니다."""
    lines, fence = [], ""
    for line in text.splitlines():
        mark = FENCE.match(line)
        if fence:
            if mark and mark[1].startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
            lines.append("")
        elif mark:
            fence = mark[1]
            lines.append("")
        else:
            lines.append(INLINE_CODE.sub("", line))
    return "\n".join(lines)


class WidgetParser(HTMLParser):
    """위젯의 속성과 줄 번호를 모읍니다."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, int, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        for widget in WIDGETS:
            if widget in attributes.get("class", "").split():
                self.found.append((widget, self.getpos()[0], attributes))


def scenarios_in(file: Path, docs: Path) -> Iterator[Scenario]:
    """페이지 하나에 적힌 시나리오입니다. lab-compare에는 둘이 들어 있습니다.

    Raises:
        ScenarioError: 속성이 모자라거나 잘못되었을 때.
    """
    parser = WidgetParser()
    parser.feed(without_code(file.read_text(encoding="utf-8")))
    for widget, line, attributes in parser.found:
        place = f"{file.relative_to(docs).as_posix()}:{line}"
        compare = widget == "lab-compare"
        wanted = ("program", "scenario", *(("broken", "fixed") if compare else ("path",)))
        missing = [f"data-{name}" for name in wanted if not attributes.get(f"data-{name}")]
        if missing:
            raise ScenarioError(f"{place}: {widget}에 {', '.join(missing)}이(가) 없습니다")
        name = f"{attributes['data-program']}-{attributes['data-scenario']}"
        if not NAME.fullmatch(name):
            raise ScenarioError(f"{place}: 이름에는 소문자, 숫자, _, - 만 쓰세요: {name!r}")
        for key in ("data-path", "data-broken", "data-fixed"):
            if not attributes.get(key, "/").startswith("/"):
                raise ScenarioError(f"{place}: {key}는 /로 시작해야 합니다")
        fault = "" if compare else attributes.get("data-fault", "")
        if fault and not FAULT.fullmatch(fault):
            raise ScenarioError(f"{place}: data-fault는 'kill worker'처럼 적으세요: {fault!r}")
        scenario = Scenario(
            program=attributes["data-program"],
            name=name,
            # 위젯(run.js, compare.js)의 기본값과 같습니다.
            method=attributes.get("data-method") or ("POST" if compare else "GET"),
            path=attributes.get("data-path", ""),
            body=attributes.get("data-body") or None,
            then=attributes.get("data-then") or None,
            meanwhile=attributes.get("data-meanwhile") or None,
            fault=fault or None,
            place=place,
        )
        if compare:
            for side in ("broken", "fixed"):
                path = attributes[f"data-{side}"]
                yield replace(scenario, name=f"{name}-{side}", path=path)
        else:
            yield scenario


def find_scenarios(docs: Path) -> list[Scenario]:
    """`docs`의 모든 페이지의 시나리오를 이름순으로 늘어놓습니다. 여러 번 적힌 것은 하나입니다.

    Raises:
        ScenarioError: 잘못 적혔거나, 이름은 같은데 요청이 다를 때.
    """
    found: dict[str, Scenario] = {}
    for file in sorted(docs.rglob("*.md")):
        for scenario in scenarios_in(file, docs):
            first = found.setdefault(scenario.name, scenario)
            if replace(first, place="") != replace(scenario, place=""):
                clash = f"{first.place}와 이름({scenario.name})은 같은데 요청이 다릅니다"
                raise ScenarioError(f"{scenario.place}: {clash}")
    return [found[name] for name in sorted(found)]
