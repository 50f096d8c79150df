"""페이지에 적힌 명령을 실제 예제에 실행하고, 나온 출력을 명령 아래에 적거나 적힌 출력과 견줍니다.

`uv run lab outputs`가 씁니다. 출력은 손으로 고치지 않습니다.
"""

import difflib
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from lab.comparing import UUID, fits, same
from lab.consoles import SAID, Step, steps_of
from lab.playing import PlayError
from lab.site import ROOT
from lab.stage import Stage, staged

LONGEST_TASK_SECONDS = 12
"""출력이 이만큼 그대로이면 더 바뀌지 않습니다. 예제의 가장 긴 태스크(10초)보다 깁니다."""
PATIENCE_SECONDS = 30
"""적힌 출력이 나오기를 기다리는 시간(초)입니다. 실습 도구의 재배달(20초)보다 깁니다."""
AT_ONCE = 4
"""`uv run lab outputs`가 한꺼번에 실행하는 프로그램의 수입니다."""


@dataclass(frozen=True)
class Found:
    """명령 하나와, 지금 실행해 얻은 출력입니다. id는 페이지에 적힌 것으로 바꾸었습니다."""

    step: Step
    output: str

    @property
    def changed(self) -> bool:
        return not fits(shown(self.step), self.output)


def shown(step: Step) -> str:
    """페이지에 적힌 출력입니다."""
    return "\n".join(step.command.output).strip("\n")


def by_program(text: str) -> dict[str, list[Step]]:
    """페이지의 명령을 프로그램마다 모읍니다. 프로그램마다 깨끗한 곳에서 실행합니다."""
    units: dict[str, list[Step]] = {}
    for step in steps_of(text):
        units.setdefault(step.program, []).append(step)
    return units


def follow(stage: Stage, steps: Sequence[Step]) -> Iterator[Found]:
    """페이지를 읽는 사람처럼 명령을 차례로 실행합니다."""
    actual_ids: dict[str, str] = {}  # 페이지에 적힌 id와 실제 id입니다.

    def run(step: Step) -> str:
        command = step.command.text
        for written, actual in actual_ids.items():
            command = command.replace(written, actual)
        output = stage.run(command)
        for written, actual in actual_ids.items():
            output = output.replace(actual, written)
        return output

    for index, step in enumerate(steps):
        if step.kind == "hear":
            yield Found(step, listen(stage, step))
            continue
        later = [each.command.text for each in steps[index + 1 :]]
        if step.kind == "look":
            # 같은 것을 뒤에서 또 보면, 앞의 것은 바로 본 모습입니다.
            yield Found(step, watch(partial(run, step), step, step.command.text in later))
            continue
        output = run(step)
        written_ids = UUID.findall(shown(step)) or UUID.findall("\n".join(later))
        fresh = [id for id in dict.fromkeys(UUID.findall(output)) if id not in actual_ids]
        unknown = [id for id in dict.fromkeys(written_ids) if id not in actual_ids]
        for written, actual in zip(unknown, fresh, strict=False):
            actual_ids[written] = actual
            output = output.replace(actual, written)
        yield Found(step, output)


def watch(look: Callable[[], str], step: Step, at_once: bool) -> str:
    """적힌 출력이 나오거나, 더 바뀌지 않을 때까지 되풀이해 봅니다."""
    expected = shown(step)
    patience = PATIENCE_SECONDS if expected else LONGEST_TASK_SECONDS
    first = output = look()
    started = changed = time.monotonic()
    pause = 0.02
    while not fits(expected, output) and not (at_once and not expected):
        now = time.monotonic()
        if now - changed > patience:
            break
        if now - started > 2 * PATIENCE_SECONDS:
            return first  # 볼 때마다 달라지는 출력입니다.
        time.sleep(pause)
        pause = min(pause * 1.5, 0.5)
        newer = look()
        if not same(output, newer):
            output, changed = newer, time.monotonic()
    return output


def listen(stage: Stage, step: Step) -> str:
    """적힌 줄이 차례로 나오기를 기다립니다. 나오지 않으면 그 프로세스들의 출력을 돌려줍니다."""
    wanted = [m.groups() for line in step.command.output if (m := SAID.fullmatch(line))]

    def all_said() -> bool:
        said = iter(list(stage.lines))
        return all(
            any(name == process and same(text, line) for process, line in said)
            for name, text in wanted
        )

    if stage.wait_for(all_said, PATIENCE_SECONDS):
        return shown(step)
    names = {name for name, _ in wanted}
    return "\n".join(f"{name} │ {line}" for name, line in stage.lines if name in names)


def difference(found: Found) -> list[str]:
    """적힌 출력과 지금의 출력에서 다른 줄입니다."""
    before, after = shown(found.step).splitlines(), found.output.splitlines()
    meanings = {"- ": "적힌 것: ", "+ ": "지금은:  "}
    lines = difflib.ndiff(before, after)
    return [meanings[line[:2]] + line[2:] for line in lines if line[:2] in meanings]


def rewritten(text: str, found: Sequence[Found]) -> str:
    """달라진 출력만 새로 적은 글입니다."""
    lines = text.splitlines()
    for each in sorted(found, key=lambda each: each.step.command.start, reverse=True):
        if each.changed and each.step.kind != "hear":
            command = each.step.command
            fresh = [f"{command.indent}{line}".rstrip() for line in each.output.splitlines()]
            lines[command.start : command.start + len(command.output)] = fresh
    return "\n".join(lines) + "\n"


def run_unit(page: Path, program: str, steps: Sequence[Step]) -> list[Found]:
    """페이지 하나에서 프로그램 하나의 명령을 모두 실행합니다.

    Raises:
        PlayError: 실행하지 못했을 때.
    """
    # 사이트는 저장소의 맨 위에서, README는 자기 폴더에서 실행한다고 적혀 있습니다.
    where = page.parent if page.name == "README.md" else ROOT
    try:
        with staged(program, str(where.relative_to(ROOT))) as stage:
            return list(follow(stage, steps))
    except (LookupError, PlayError) as error:
        raise PlayError(f"{page}: {error}") from None


def pages_with_commands(root: Path = ROOT) -> list[Path]:
    """다시 실행할 명령이 적힌 페이지입니다. 사이트의 페이지와 README입니다."""
    every = [*root.glob("docs/**/*.md"), root / "README.md", *root.glob("examples/*/README.md")]
    return sorted(page for page in every if steps_of(page.read_text(encoding="utf-8")))


def write_outputs(only: list[str], show: Callable[[str], None], only_check: bool = False) -> int:
    """페이지에 출력을 적거나(`only_check`이면) 견줍니다. 견주어 다른 것이 있으면 1입니다.

    `only`에 경로의 일부를 주면 그것이 든 페이지만 실행합니다.

    Raises:
        PlayError: 실행하지 못했을 때.
    """
    every = {page.relative_to(ROOT).as_posix(): page for page in pages_with_commands()}
    chosen = {n: page for n, page in every.items() if not only or any(part in n for part in only)}
    if not chosen:
        raise PlayError(f"그런 페이지가 없습니다. 있는 것: {', '.join(every)}")
    units = [
        (page, program, steps)
        for page in chosen.values()
        for program, steps in by_program(page.read_text(encoding="utf-8")).items()
    ]
    with ThreadPoolExecutor(AT_ONCE) as threads:
        results = list(threads.map(lambda unit: run_unit(*unit), units))
    differences = 0
    for name, page in chosen.items():
        of_page = [f for unit, r in zip(units, results, strict=True) if unit[0] == page for f in r]
        changed = [found for found in of_page if found.changed]
        differences += len(changed)
        show(f"{'같습니다' if not changed else '다릅니다' if only_check else '적었습니다'}: {name}")
        for found in changed:
            show(f"  {found.step.command.start}: $ {found.step.command.text}")
            for line in difference(found):
                show(f"    {line}")
        if changed and not only_check:
            text = rewritten(page.read_text(encoding="utf-8"), of_page)
            page.write_text(text, encoding="utf-8", newline="\n")
    if only_check and differences:
        show("\n출력이 지금의 동작과 다릅니다. 페이지의 글을 확인하고 적으세요: uv run lab outputs")
    return int(only_check and differences > 0)
