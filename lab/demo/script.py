"""demos/의 대본을 읽습니다."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lab.demo.speaking import HANDS_SECONDS, seconds_of
from lab.site import ROOT

DEMOS = ROOT / "demos"
ACTIONS = ("send", "look", "fault", "hear", "timeline")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
FAULTS = ("kill", "stop", "start", "freeze", "thaw")
SECONDS = 40.0
"""적힌 것이 나오기를 기다리는 최대 시간(초)입니다."""


class DemoError(RuntimeError):
    """시연을 할 수 없거나, 적힌 것과 다른 일이 일어났습니다. 메시지는 할 일을 알려 줍니다."""


@dataclass(frozen=True)
class Step:
    """한 걸음입니다. 강사가 한 문장을 말하고, 명령 하나를 실행합니다."""

    say: str
    """명령을 실행하기 전에 말할 문장입니다."""
    action: str
    """send는 요청을 보내고, look은 `expect`가 나올 때까지 되풀이해 묻고, fault는 고장을 내고,
    hear는 프로세스의 출력을 기다리고, timeline은 마지막 요청의 타임라인을 그립니다."""
    target: str
    """예: "POST /01_basic/send-notification/user@example.com", "kill 04_celery worker" """
    body: str | None
    expect: tuple[str, ...]
    """나와야 하는 글입니다."""
    absent: tuple[str, ...]
    """나오지 않아야 하는 글입니다. 함정의 증상은 대개 여기에 있습니다."""
    waits: float
    """답이 오기까지 적어도 걸려야 하는 시간(초)입니다."""
    running: bool
    """고장을 내기 전에, 마지막 요청의 태스크가 그 프로세스에서 시작되기를 기다리면 참입니다."""
    at_once: bool
    """앞의 걸음에 이어, Enter를 기다리지 않고 실행하면 참입니다."""
    predict: str
    """실행하기 전에 손을 들어 예측하게 할 물음입니다. 없으면 빈 문자열입니다."""


@dataclass(frozen=True)
class Script:
    """수업 하나의 시연입니다."""

    name: str
    """예제 폴더의 이름입니다. 예: 02_multiple"""
    title: str
    minutes: int
    pitfall: str
    """마지막에 놀라움을 보이는 함정의 이름입니다."""
    lesson: str
    """시연이 되지 않을 때 열 페이지입니다. 예: lessons/02-multiple/"""
    surprise: str
    """마지막에 말할 문장입니다."""
    steps: tuple[Step, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    """시연하는 동안만 예제에 줄 환경 변수입니다. 이미 값이 있으면 그 값을 씁니다."""

    @property
    def spoken_seconds(self) -> float:
        """적힌 문장을 모두 말하고, 예측하기마다 손을 드는 시간(초)입니다."""
        said = [self.surprise, *(f"{step.say} {step.predict}" for step in self.steps)]
        hands = sum(bool(step.predict) for step in self.steps)
        return seconds_of(" ".join(said)) + HANDS_SECONDS * hands

    @property
    def programs(self) -> list[str]:
        """시연이 쓰는 예제와 함정입니다."""
        return list(dict.fromkeys(name for step in self.steps if (name := program_of(step))))


def program_of(step: Step) -> str:
    """걸음이 쓰는 예제나 함정의 이름입니다. timeline이면 빈 문자열입니다."""
    if step.action in ("send", "look"):
        return step.target.partition(" ")[2].lstrip("/").partition("/")[0]
    words = step.target.split()
    if step.action == "fault":
        return words[1]
    return words[0] if step.action == "hear" else ""


def scripts(folder: Path = DEMOS) -> list[Script]:
    """번호순으로 늘어놓은 대본입니다."""
    return [read(file) for file in sorted(folder.glob("*.toml"))]


def find(number: str, folder: Path = DEMOS) -> Script:
    """번호("02")나 이름("02_multiple")으로 대본을 찾습니다.

    Raises:
        DemoError: 그런 대본이 없거나 읽을 수 없을 때.
    """
    files = sorted(folder.glob("*.toml"))
    for file in files:
        if number in (file.stem, file.stem.partition("_")[0]):
            return read(file)
    known = ", ".join(file.stem.partition("_")[0] for file in files)
    raise DemoError(f"{number!r} 시연이 없습니다. 있는 시연: {known}")


def read(file: Path) -> Script:
    """대본 하나를 읽습니다.

    Raises:
        DemoError: 형식이 틀렸을 때.
    """
    try:
        data: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
        return Script(
            name=file.stem,
            title=data["title"],
            minutes=data["minutes"],
            pitfall=data["pitfall"],
            lesson=data["lesson"],
            surprise=data["surprise"],
            steps=tuple(step_of(each, file) for each in data["steps"]),
            environment=data.get("environment", {}),
        )
    except KeyError as error:
        raise DemoError(f"demos/{file.name}에 {error.args[0]}이(가) 없습니다") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DemoError(f"demos/{file.name}의 형식이 틀렸습니다: {error}") from None


def step_of(data: dict[str, Any], file: Path) -> Step:
    """대본의 한 걸음을 읽습니다.

    Raises:
        DemoError: 할 일이 하나가 아니거나 잘못 적혔을 때.
    """
    actions = [name for name in ACTIONS if name in data]
    if len(actions) != 1:
        raise DemoError(
            f"demos/{file.name}: 걸음마다 {', '.join(ACTIONS)} 가운데 하나를 적으세요: {data}"
        )
    action = actions[0]
    target = "" if action == "timeline" else str(data[action])
    words = target.split()
    if not (
        action == "timeline"
        or (action in ("send", "look") and len(words) == 2 and words[0] in METHODS)
        or (action == "fault" and len(words) == 3 and words[0] in FAULTS)
        or (action == "hear" and len(words) == 2)
    ):
        raise DemoError(f"demos/{file.name}: {action}을(를) 잘못 적었습니다: {target!r}")
    return Step(
        say=data["say"],
        action=action,
        target=target,
        body=data.get("body"),
        expect=tuple(data.get("expect", [])),
        absent=tuple(data.get("absent", [])),
        waits=float(data.get("waits", 0)),
        running=bool(data.get("running", False)),
        at_once=bool(data.get("at_once", False)),
        predict=data.get("predict", ""),
    )
