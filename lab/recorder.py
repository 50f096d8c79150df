"""시나리오를 실제 예제에서 실행하고, 일어난 일을 사이트가 되풀이해 보여 줄 파일로 적습니다.

`uv run lab record`가 씁니다. 파일은 손으로 고치지 않습니다.
"""

import difflib
import json
import os
import platform
from collections.abc import Callable, Iterable
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

from lab.borrowing import lab_to_play_in
from lab.catalogue import find_program
from lab.playing import Lab, PlayError
from lab.scenarios import Scenario, find_scenarios
from lab.site import ROOT

DOCS = ROOT / "docs"
PACKAGES = ("fastapi", "starlette", "uvicorn", "opentelemetry-sdk")
"""기록에 버전을 적어 둘 패키지입니다."""
CLIENTS = ("celery", "confluent_kafka", "redis", "rq")
"""예제가 임포트하면 버전을 적어 둘 패키지입니다."""
Json = dict[str, Any]


def surroundings(program: str) -> Json:
    """언제, 무엇으로, 어떤 컴퓨터에서 `program`을 실행했는지입니다."""
    imports = find_program(program).imports
    used = [name.replace("_", "-") for name in CLIENTS if name in imports]
    versions = {name: version(name) for name in (*PACKAGES, *used)}
    return {
        "recorded": date.today().isoformat(),
        "versions": {**versions, "python": platform.python_version()},
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPU",
    }


def file_of(folder: Path, scenario: Scenario) -> Path:
    """시나리오의 기록이 든 파일입니다."""
    return folder / f"{scenario.name}.json"


def write(file: Path, recording: Json) -> None:
    """기록을 적습니다. 키의 차례와 줄바꿈은 언제나 같습니다."""
    file.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(recording, ensure_ascii=False, indent=1)
    file.write_text(f"{text}\n", encoding="utf-8", newline="\n")


def outline(recording: Json) -> list[str]:
    """다시 실행해도 같아야 하는 것만 적은 줄입니다. 시각, id, 프로세스 번호는 뺍니다.

    다른 프로세스의 스팬끼리는 차례가 달라질 수 있으므로 프로세스마다 모읍니다.
    """
    names = {span["span_id"]: span["name"] for span in recording["spans"]}
    request, response = recording["request"], recording["response"]
    lines = [
        f"요청 {request['method']} {request['path']} {request['body'] or ''}".rstrip(),
        f"응답 {response['status']}",
    ]
    for process in sorted({span["process"] for span in recording["spans"]}):
        lines += [
            " ".join(
                [
                    *(f"[{process}]", span["kind"], span["name"]),
                    *(f"{key}={span[key]}" for key in ("function", "error") if span[key]),
                    *(span["status"], "끝남" if span["end"] is not None else "끝나지 않음"),
                    *(f"< {name}" for name in [names.get(span["parent_id"])] if name),
                ]
            )
            for span in recording["spans"]
            if span["process"] == process
        ]
    lines += [f"고장 {fault['process']} {fault['action']}" for fault in recording["faults"]]
    return lines


def difference(recorded: Json, fresh: Json) -> list[str]:
    """기록과 새로 실행한 것이 다른 줄입니다. 같으면 빈 목록입니다."""
    changed = difflib.ndiff(outline(recorded), outline(fresh))
    meanings = {"- ": "기록에만: ", "+ ": "지금은:   "}
    return [meanings[line[:2]] + line[2:] for line in changed if line[:2] in meanings]


def check(lab: Lab, file: Path, scenario: Scenario) -> list[str]:
    """다시 실행해 기록과 다른 것을 돌려줍니다."""
    if not file.exists():
        return ["기록이 없습니다"]
    return difference(json.loads(file.read_text(encoding="utf-8")), lab.play(scenario))


def leftovers(folder: Path, scenarios: Iterable[Scenario]) -> list[Path]:
    """어느 페이지에도 적혀 있지 않은 시나리오의 기록입니다."""
    wanted = {file_of(folder, scenario) for scenario in scenarios}
    return sorted(set(folder.glob("*.json")) - wanted)


def record_scenarios(
    only: list[str],
    show: Callable[[str], None],
    url: str | None = None,
    only_check: bool = False,
    docs: Path = DOCS,
) -> int:
    """페이지에 적힌 시나리오를 실행해 기록하거나(`only_check`이면) 기록과 견줍니다.

    `only`에 이름을 주면 그 이름으로 시작하는 시나리오만 실행합니다.
    견주어 다른 것이 있으면 1, 아니면 0을 돌려줍니다.

    Raises:
        ScenarioError: 페이지의 위젯을 잘못 적었을 때.
        PlayError: 실행하지 못했을 때.
    """
    folder = docs / "assets" / "recordings"
    every = find_scenarios(docs)
    chosen = [each for each in every if not only or each.name.startswith(tuple(only))]
    if only and not chosen:
        raise PlayError(f"그런 시나리오가 없습니다. 있는 것: {', '.join(s.name for s in every)}")
    differences = 0
    if chosen:
        with lab_to_play_in(url) as lab:
            for scenario in chosen:
                file = file_of(folder, scenario)
                if not only_check:
                    write(file, {**surroundings(scenario.program), **lab.play(scenario)})
                    show(f"기록했습니다: {scenario.name} ({scenario.place})")
                elif lines := check(lab, file, scenario):
                    differences += 1
                    show(f"다릅니다: {scenario.name} ({scenario.place})")
                    for line in lines:
                        show(f"  {line}")
                else:
                    show(f"같습니다: {scenario.name}")
    for file in leftovers(folder, every) if not only else []:
        if only_check:
            differences += 1
            show(f"다릅니다: {file.stem}은(는) 어느 페이지에도 없습니다")
        else:
            file.unlink()
            show(f"지웠습니다: {file.stem} (어느 페이지에도 없습니다)")
    if differences:
        show("\n기록이 지금의 동작과 다릅니다. 페이지의 글을 보고 기록하세요: uv run lab record")
    return 1 if differences else 0
