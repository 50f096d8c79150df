"""페이지와 README에 적힌 명령은 적힌 대로 실행되고, 적힌 출력을 냅니다."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest

from harness.quick_child import QuickChild
from lab import catalogue, outputs
from lab.comparing import fits, same
from lab.consoles import Step, kind_of, steps_of
from lab.outputs import Found
from lab.playing import PlayError
from lab.site import ROOT
from lab.stage import Stage, staged

ID = "0f8fad5b-d9cb-469f-a165-70867728950e"
OTHER_ID = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
URL = "http://127.0.0.1:8000/run/01_basic"
UNITS = [
    pytest.param(page, steps, id=f"{page.relative_to(ROOT).as_posix()}-{program}")
    for page in outputs.pages_with_commands()
    for program, steps in outputs.by_program(page.read_text(encoding="utf-8")).items()
]


@pytest.fixture
def quick_lab(monkeypatch: pytest.MonkeyPatch) -> None:
    """실습 도구가 예제를 빨리 시작하게 합니다."""
    monkeypatch.setattr("lab.running.Child", QuickChild)
    # 죽은 컨슈머를 오래 기다리지 않습니다. 1초 이하로 하지 않는 까닭은 test_07_kafka.py에 있습니다.
    monkeypatch.setenv("KAFKA_SESSION_TIMEOUT_MS", "1500")


@pytest.mark.timeout(120)
@pytest.mark.usefixtures("quick_lab")
@pytest.mark.parametrize(("page", "steps"), UNITS)
@pytest.mark.whole
def test_the_commands_of_a_page_give_the_output_that_it_shows(
    page: Path, steps: list[Step], request: pytest.FixtureRequest
) -> None:
    if "RABBITMQ_URL" in catalogue.find_program(steps[0].program).variables:
        request.getfixturevalue("rabbitmq")
    found = outputs.run_unit(page, steps[0].program, steps)

    assert [line for each in found if each.changed for line in outputs.difference(each)] == []


FAULTY_PAGE = f"""```console
$ cat log.txt
cat: log.txt: No such file or directory
$ curl -X POST {URL}/send-notification/user@example.com
{{"message":"알림이 전송될 예정입니다"}}
$ cat log.txt
user@example.com: 환영합니다!
$ uv run lab kill 01 web
$ curl {URL}/openapi.json
{{"detail":"예제의 웹 프로세스가 답하지 않습니다. 죽었다면 다시 시작하세요","lines":[]}}
$ uv run lab start 01 web
$ curl -o /dev/null -w "%{{http_code}}" {URL}/openapi.json
200
```
"""


@pytest.mark.usefixtures("quick_lab")
@pytest.mark.whole
def test_a_page_is_run_in_a_clean_copy_and_its_faults_are_made(tmp_path: Path) -> None:
    used = tmp_path / "examples"
    shutil.copytree(catalogue.EXAMPLES / "01_basic", used / "01_basic")
    log = used / "01_basic" / "log.txt"
    log.write_text("배우는 사람의 기록\n", encoding="utf-8")

    with staged("01_basic", "examples/01_basic", used) as stage:
        found = list(outputs.follow(stage, steps_of(FAULTY_PAGE)))

    assert [line for each in found if each.changed for line in outputs.difference(each)] == []
    assert log.read_text(encoding="utf-8") == "배우는 사람의 기록\n"


PAGE = f"""# 제목

1.  첫째

    ```console
    $ curl -X POST {URL}/users/
    {{"id":"{ID}"}}
    $ cat log.txt
    한 줄

    셋째 줄
    ```

```console
$ uv run lab 01
```

<!-- 실행하지 않음: 오래 걸립니다 -->
```console
$ curl {URL}/slow
```

<!-- pitfall-code lost_when_killed -->

```console
$ cat log.txt
$ uv run lab kill lost_when_killed web
$ curl "{URL}/a?b=1&c=2" \\
  --include
```

```text
    web │ 끝났습니다
```

```text
examples/   실행하지 않는 글
```
"""


def test_the_commands_are_read_in_order_with_the_program_they_belong_to() -> None:
    assert [(step.kind, step.program, step.command.text) for step in steps_of(PAGE)] == [
        ("act", "01_basic", f"curl -X POST {URL}/users/"),
        ("look", "01_basic", "cat log.txt"),
        ("look", "lost_when_killed", "cat log.txt"),
        ("fault", "lost_when_killed", "uv run lab kill lost_when_killed web"),
        ("look", "01_basic", f'curl "{URL}/a?b=1&c=2" \\\n  --include'),
        ("hear", "01_basic", ""),
    ]


def test_a_pitfall_named_on_the_page_is_the_program_only_until_the_next_request() -> None:
    block = f"```console\n$ curl {URL}/log\n```\n```console\n$ cat log.txt\n```\n"
    page = f"<!-- pitfall-code forged_log_line -->\n{block}"

    assert {step.program for step in steps_of(page)} == {"01_basic"}


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        (f"curl {URL}/log", "look"),
        (f"curl -s {URL}/log | python -m json.tool", "look"),
        (f'curl "{URL}/log?a=1&b=2"', "look"),
        ("tail -n 2 log.txt", "look"),
        (f"curl {URL}/ship -d 1", "act"),
        (f"curl --json '{{}}' {URL}/ship", "act"),
        (f"for i in 1 2; do curl {URL}/ship; done", "act"),
        (f"curl {URL}/a & curl {URL}/b", "act"),
        (f"curl -w '%{{time_total}}' {URL}/log", "act"),
        (f"curl --max-time 1 {URL}/log", "act"),
        ("uv run lab start 04 worker", "fault"),
        ("uv run lab 04", None),
        ("uv run lab pitfall lost_when_killed", None),
        ("pip install uv", None),
        ("catalogue", None),
        ("curl http://127.0.0.1:8025/run/01_basic/", None),
    ],
)
def test_only_requests_to_the_lab_and_looks_at_files_are_run_again(
    command: str, kind: str | None
) -> None:
    assert kind_of(command) == kind


def test_a_task_that_was_unfinished_on_the_page_may_be_done_but_not_failed() -> None:
    page = '{"status":"PROGRESS","result":{"done":3,"total":6},"error":null}'
    done = '{"status":"SUCCESS","result":{"processed":6},"error":null}'

    assert fits(page, done)
    assert not fits(done, page)
    assert not fits(page, '{"status":"FAILURE","result":null,"error":{"type":"X"}}')


@pytest.mark.parametrize(
    ("before", "after", "equal"),
    [
        (f'{{"task_id":"{ID}"}}', f'{{"task_id":"{OTHER_ID}"}}', True),
        ("date: Tue, 24 Nov 2026 07:53:00 GMT", "date: Wed, 25 Nov 2026 08:00:00 GMT", True),
        ("[2026-11-24 07:53:00,123: INFO] a", "[2026-11-25 08:00:00,456: INFO] a", True),
        ("총 0.004123", "총 1.204123", True),
        ("총 0.004123", "총 2.004123", False),
        ("after 2001 milliseconds", "after 2002 milliseconds", True),
        ("after 2001 milliseconds", "after 9002 milliseconds", False),
        ("처리 3건", "처리 4건", False),
        ("", "한 줄", False),
    ],
)
def test_only_ids_times_and_small_delays_may_differ(before: str, after: str, equal: bool) -> None:
    assert same(before, after) is equal


def test_only_a_changed_output_is_written_anew() -> None:
    request, log, *_ = steps_of(PAGE)
    kept = Found(request, f'{{"id":"{OTHER_ID}"}}')

    assert outputs.rewritten(PAGE, [kept]) == PAGE

    changed = Found(log, "다른 줄\n\n또 한 줄\n넷째 줄")
    text = outputs.rewritten(PAGE, [kept, changed])
    assert text == PAGE.replace("한 줄\n\n    셋째 줄", "다른 줄\n\n    또 한 줄\n    넷째 줄", 1)
    told = outputs.difference(changed)
    assert {"적힌 것: 한 줄", "적힌 것: 셋째 줄", "지금은:  다른 줄", "지금은:  넷째 줄"} < set(
        told
    )


class FakeStage:
    """명령마다 정해 둔 출력을 차례로 냅니다."""

    lines = (("web", "시작합니다"), ("web", "끝났습니다"), ("worker", "시작합니다"))

    def __init__(self, **answers: list[str]) -> None:
        self.answers = answers
        self.commands: list[str] = []

    def run(self, command: str) -> str:
        self.commands.append(command)
        answers = self.answers["post" if "POST" in command else "get"]
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def wait_for(self, condition: Callable[[], bool], _seconds: float) -> bool:
        return condition()


def follow(stage: FakeStage, page: str) -> list[Found]:
    return list(outputs.follow(cast(Stage, stage), steps_of(page)))


@pytest.mark.parametrize("shown", [f'{{"task_id":"{ID}"}}\n', ""])
def test_the_id_that_the_page_shows_stands_for_the_real_one(shown: str) -> None:
    page = f"```console\n$ curl -X POST {URL}/a\n{shown}$ curl {URL}/status/{ID}\n{ID} 끝\n```\n"
    stage = FakeStage(post=[f'{{"task_id":"{OTHER_ID}"}}'], get=[f"{OTHER_ID} 끝"])

    post, get = follow(stage, page)

    assert stage.commands[1] == f"curl {URL}/status/{OTHER_ID}"
    assert (post.output, get.output) == (f'{{"task_id":"{ID}"}}', f"{ID} 끝")


def test_a_look_is_repeated_until_the_output_that_the_page_shows() -> None:
    page = f"```console\n$ curl {URL}/log\n둘\n```\n"

    (found,) = follow(FakeStage(get=["", "하나", "둘", "셋"]), page)

    assert found.output == "둘"


def test_a_look_that_shows_nothing_yet_is_repeated_until_it_no_longer_changes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outputs, "LONGEST_TASK_SECONDS", 0.2)
    look = f"$ curl {URL}/log\n"

    at_once, settled = follow(FakeStage(get=["하나", "둘", "셋"]), f"```console\n{look}{look}```\n")

    assert (at_once.output, settled.output) == ("하나", "셋")


def test_the_lines_of_a_process_are_looked_for_in_its_own_output() -> None:
    block = "```text\n  web │ 시작합니다\n{}\n```\n"
    page = f"```console\n$ curl {URL}/log\n없음\n```\n{block}"
    stage = FakeStage(get=["없음"])

    assert not follow(stage, page.format("  web │ 끝났습니다"))[1].changed
    assert not follow(stage, page.format("worker │ 시작합니다"))[1].changed
    missing = follow(stage, page.format("worker │ 끝났습니다"))[1]
    assert missing.changed
    assert missing.output.splitlines()[0] == "web │ 시작합니다"


def test_a_program_that_does_not_exist_is_told_with_the_page() -> None:
    page = f"```console\n$ curl {URL.replace('01_basic', 'no_such_pitfall')}/log\n```\n"

    with pytest.raises(PlayError, match=r"docs/page\.md: 'no_such_pitfall' 함정이 없습니다"):
        outputs.run_unit(ROOT / "docs/page.md", "no_such_pitfall", steps_of(page))


def test_a_changed_output_is_told_and_only_written_without_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "docs" / "page.md"
    page.parent.mkdir()
    page.write_text(f"```console\n$ curl {URL}/log\n전\n```\n", encoding="utf-8")
    monkeypatch.setattr(outputs, "ROOT", tmp_path)
    monkeypatch.setattr(outputs, "pages_with_commands", lambda: [page])
    monkeypatch.setattr(outputs, "run_unit", lambda *unit: [Found(unit[2][0], "후")])
    lines: list[str] = []

    assert outputs.write_outputs([], lines.append, only_check=True) == 1
    assert "다릅니다: docs/page.md" in lines
    assert "    적힌 것: 전" in lines
    assert outputs.write_outputs(["page"], lines.append) == 0
    assert page.read_text(encoding="utf-8") == f"```console\n$ curl {URL}/log\n후\n```\n"
    assert outputs.write_outputs([], lines.append, only_check=True) == 0
    with pytest.raises(PlayError, match=r"있는 것: docs/page\.md"):
        outputs.write_outputs(["none"], lines.append)
