"""대본의 한 걸음을 실제 예제에 실행하고, 일어난 일을 글로 돌려줍니다."""

import json
import re
import secrets
import time
from collections.abc import Callable

import httpx
from rich.text import Text

from lab.demo.script import SECONDS, DemoError, Step
from lab.playing import Lab, PlayError
from lab.settling import running_tasks
from lab.timelines.layout import duration, timeline_of
from lab.timelines.text import draw

FIELD = re.compile(r"\{(\w+)\}")
PAUSE_SECONDS = 0.05
LONGEST = 400
"""화면에 보이는 응답의 최대 글자 수입니다."""


class Stage(Lab):
    """시연하는 실습 도구입니다. 예제의 출력과, 마지막에 보낸 요청을 기억합니다."""

    def __init__(self, url: str) -> None:
        super().__init__(url, own=True)
        self.url = url
        self.port = url.rpartition(":")[2]
        self.said: list[tuple[str, str]] = []
        self._heard = 0
        self._program = ""
        self._id = ""
        self._fields: dict[str, str] = {}

    def hear(self, _program: str, process: str, line: str) -> None:
        """실습 도구가 예제의 출력을 한 줄씩 넘겨줍니다."""
        self.said.append((process, line))
        self.notice(process, f"{process} {line}")

    def filled(self, text: str) -> str:
        """`{task_id}` 같은 자리에, 앞의 응답에서 받은 값을 넣습니다."""
        return FIELD.sub(lambda found: self._fields.get(found[1], found[0]), text)

    def command(self, step: Step) -> str:
        """수강생이 자기 터미널에 적을 명령입니다."""
        target = self.filled(step.target)
        if step.action in ("send", "look"):
            method, _, path = target.partition(" ")
            address = f"{self.url}/run{path}"
            options = "" if method == "GET" else f"-X {method} "
            if step.body is not None:
                options += '-H "Content-Type: application/json" '
                address += f" -d '{step.body}'"
            return f"$ curl {options}{address}"
        if step.action == "fault":
            return f"$ uv run lab {target} --port {self.port}"
        if step.action == "hear":
            return f"({target.split()[1]} 프로세스의 출력을 봅니다)"
        return f"(타임라인을 봅니다: {self.url}/timeline/)"

    def perform(self, step: Step, width: int, block: str) -> list[Text]:
        """한 걸음을 실행합니다.

        Raises:
            DemoError: 적힌 것과 다른 일이 일어났을 때.
        """
        actions: dict[str, Callable[[], list[Text]]] = {
            "send": lambda: self._send_step(step),
            "look": lambda: self._look(step),
            "fault": lambda: self._fault(step),
            "hear": lambda: self._hear(step),
            "timeline": lambda: self._draw(step, width, block),
        }
        try:
            return actions[step.action]()
        except (httpx.HTTPError, PlayError) as error:
            raise DemoError(f"실습 도구가 답하지 않습니다: {error}") from None

    def _request(self, step: Step) -> tuple[str, float]:
        """요청 하나를 보내고 응답의 글과 걸린 시간(초)을 돌려줍니다."""
        method, _, path = self.filled(step.target).partition(" ")
        headers = {"traceparent": f"00-{self._id}-{secrets.token_hex(8)}-01"}
        if step.body is not None:
            headers["content-type"] = "application/json"
        begun = time.monotonic()
        answer = self.client.request(
            method,
            f"/run{path}",
            headers=headers,
            content=step.body.encode() if step.body else None,
        )
        text = f"{answer.text} [{answer.status_code}]"
        try:
            found = answer.json()
        except json.JSONDecodeError:
            found = None
        if isinstance(found, dict):
            self._fields |= {name: str(value) for name, value in found.items()}
        return text, time.monotonic() - begun

    def _send_step(self, step: Step) -> list[Text]:
        self._heard = len(self.said)
        self._program = step.target.partition(" ")[2].lstrip("/").partition("/")[0]
        self._id = secrets.token_hex(16)
        text, seconds = self._request(step)
        check(step, text)
        if seconds < step.waits:
            raise DemoError(
                f"{step.waits:g}초 넘게 걸려야 하는데 {duration(seconds * 1000)}였습니다"
            )
        waited = Text(f"{duration(seconds * 1000)} 기다렸습니다", style="dim")
        return [Text(shortened(text)), waited]

    def _look(self, step: Step) -> list[Text]:
        """물어보는 것은 타임라인에 넣지 않으므로, 요청마다 추적을 새로 만듭니다."""
        kept, self._id = self._id, secrets.token_hex(16)
        try:
            text = self._until(step, lambda: self._request(step)[0])
        finally:
            self._id = kept
        return [Text(shortened(text))]

    def _fault(self, step: Step) -> list[Text]:
        action, program, process = step.target.split()
        if step.running:
            deadline = time.monotonic() + SECONDS
            while not running_tasks(self._trace(self._id), process):
                if time.monotonic() > deadline:
                    raise DemoError(f"{process}에서 실행 중인 태스크가 없습니다")
                time.sleep(PAUSE_SECONDS)
        self._heard = len(self.said)
        answer = self.client.post(f"/lab/programs/{program}/processes/{process}/{action}")
        if answer.status_code != 200:
            raise DemoError(str(answer.json().get("detail", answer.text)))
        states = {each["name"]: each["state"] for each in answer.json()["processes"]}
        return [Text(f"{program}의 {process}: {action} → {states[process]}")]

    def _hear(self, step: Step) -> list[Text]:
        process = step.target.split()[1]

        def heard() -> str:
            return "\n".join(line for name, line in self.said[self._heard :] if name == process)

        return [Text(line) for line in self._until(step, heard).splitlines()]

    def _draw(self, step: Step, width: int, block: str) -> list[Text]:
        timeline = timeline_of(self._settled(self._program, self._id))
        if timeline is None:
            raise DemoError("타임라인이 비어 있습니다")
        lines = draw(timeline, width, block)
        check(step, "\n".join(line.plain for line in lines))
        return lines

    def _until(self, step: Step, look: Callable[[], str]) -> str:
        """`expect`가 모두 나올 때까지 되풀이해 봅니다."""
        deadline = time.monotonic() + SECONDS
        while True:
            text = look()
            if all(each in text for each in step.expect):
                break
            if time.monotonic() > deadline:
                break
            time.sleep(PAUSE_SECONDS * 4)
        check(step, text)
        return text


def shortened(text: str) -> str:
    """프로젝터에 한눈에 들어올 만큼만 남긴 응답입니다. 끝의 상태 코드는 남깁니다."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2]} … {text[-6:]}"


def check(step: Step, text: str) -> None:
    """적힌 것이 나왔는지 봅니다.

    Raises:
        DemoError: 나와야 할 것이 없거나, 나오지 않아야 할 것이 있을 때.
    """
    missing = [each for each in step.expect if each not in text]
    extra = [each for each in step.absent if each in text]
    if missing:
        raise DemoError(f"나와야 할 것이 나오지 않았습니다: {missing[0]!r}\n{text}")
    if extra:
        raise DemoError(f"나오지 않아야 할 것이 나왔습니다: {extra[0]!r}\n{text}")
