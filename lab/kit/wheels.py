"""uv.lock에 적힌 버전의 휠을, 운영체제와 파이썬의 버전마다 받습니다."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from packaging.requirements import Requirement
from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import canonicalize_name, parse_wheel_filename

from lab.kit.targets import Target
from lab.site import ROOT
from lab.tools import run_uv

GROUP = "docs"
"""실습 도구가 사이트를 빌드하는 데 쓰는 의존성 그룹입니다."""
SECONDS = 900


class KitError(RuntimeError):
    """나누어 줄 꾸러미를 만들지 못했습니다. 메시지에 이유와 할 일이 들어 있습니다."""


def uv(*arguments: str, folder: Path = ROOT) -> str:
    """uv를 실행하고 출력을 돌려줍니다.

    Raises:
        KitError: uv가 없거나 실패했을 때.
    """
    return run_uv(arguments, folder, SECONDS, KitError)


def locked() -> list[Requirement]:
    """uv.lock에 적힌, 실습 도구를 실행하는 데 필요한 것과 그 조건입니다."""
    options = ("--frozen", "--no-hashes", "--no-header", "--no-annotate", "--no-emit-project")
    text = uv("export", *options, "--no-default-groups", "--group", GROUP)
    version = uv("--version").split()[1]
    # uv도 휠로 나누어 줍니다. 과정을 빌드하는 uv_build는 uv에 들어 있습니다.
    return [Requirement(line) for line in [*text.splitlines(), f"uv=={version}"] if line.strip()]


def wanted(requirements: Sequence[Requirement], target: Target) -> list[str]:
    """`target`에서 설치할 것만, 조건 없이 적은 목록입니다. 예: ["fastapi==0.165.0"]"""
    return [
        f"{each.name}{each.specifier}"
        for each in requirements
        if each.marker is None or each.marker.evaluate(dict(target.markers))
    ]


def download(requirements: Sequence[Requirement], target: Target, folder: Path) -> None:
    """`target`의 휠을 `folder`에 받습니다. 이미 있는 것은 다시 받지 않습니다.

    Raises:
        KitError: 맞는 휠이 없거나 받지 못했을 때.
    """
    options = ["--dest", str(folder), "--no-deps", "--only-binary", ":all:", "--quiet"]
    options += ["--python-version", target.full_version, "--implementation", "cp"]
    for tag in (*target.system.tags, "any"):
        options += ["--platform", tag]
    uv(
        "tool",
        "run",
        "--quiet",
        "--from",
        "pip",
        "pip",
        "download",
        *options,
        *wanted(requirements, target),
    )


def oldest_system(requirements: Sequence[Requirement], target: Target, folder: Path) -> str:
    """`folder`의 휠만으로 모두 설치할 수 있는, 가장 오래된 운영체제입니다. 예: "glibc 2.28"

    Raises:
        KitError: 어떤 버전에도 설치할 휠이 없는 것이 있을 때.
    """
    needed = {canonicalize_name(each.partition("==")[0]) for each in wanted(requirements, target)}
    tags: dict[str, set[Tag]] = {name: set() for name in needed}
    for file in folder.glob("*.whl"):
        name, _, _, found = parse_wheel_filename(file.name)
        if name in tags:
            tags[name] |= found
    missing: list[str] = []
    for system, platforms in target.system.ages:
        accepted = set(accepted_tags(target.python, platforms))
        missing = [name for name, found in tags.items() if accepted.isdisjoint(found)]
        if not missing:
            return system
    names = ", ".join(sorted(missing))
    raise KitError(f"{target.system.name}, Python {target.python}에 설치할 휠이 없습니다: {names}")


def accepted_tags(python: str, platforms: Sequence[str]) -> Iterator[Tag]:
    """그 파이썬이 설치할 수 있는 휠의 태그입니다."""
    version = [int(part) for part in python.split(".")]
    yield from cpython_tags(version, platforms=platforms)
    yield from compatible_tags(version, f"cp{''.join(python.split('.'))}", platforms)
