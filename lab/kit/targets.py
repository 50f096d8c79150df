"""휠을 담을 운영체제와 파이썬의 버전입니다."""

import platform
import sys
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
"""수강생이 쓸 수 있는 파이썬의 버전입니다."""
PATCH = 5
"""파이썬마다 이 패치 이상을 씁니다. pymdown-extensions 13.1이 Python 3.11.5부터 설치됩니다."""
GLIBC = (*range(17, 41),)
"""리눅스의 휠에 적힌 glibc의 마이너 버전입니다(manylinux_2_17부터)."""
MACOS = range(11, 27)


@dataclass(frozen=True)
class System:
    """운영체제와 프로세서 하나입니다."""

    name: str
    """사람이 읽는 이름입니다."""
    markers: dict[str, str]
    """`; sys_platform == 'win32'` 같은 조건을 판단할 값입니다."""
    tags: tuple[str, ...]
    """pip에 줄 플랫폼의 이름입니다. 앞의 것일수록 먼저입니다."""
    ages: tuple[tuple[str, tuple[str, ...]], ...]
    """오래된 것부터 늘어놓은 운영체제의 버전과, 거기에 설치되는 플랫폼의 이름입니다."""


def linux(machine: str) -> System:
    tags = [f"manylinux_2_{minor}_{machine}" for minor in reversed(GLIBC)]
    older = (f"manylinux2014_{machine}", f"linux_{machine}")
    markers = {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"}
    ages = [(f"glibc 2.{minor}", (*tags[at:], *older)) for at, minor in ages_of(GLIBC)]
    every = (*tags, *older)
    return System(f"Linux {machine}", {**markers, "platform_machine": machine}, every, tuple(ages))


def macos(machine: str) -> System:
    def kinds(version: str) -> tuple[str, ...]:
        return f"macosx_{version}_{machine}", f"macosx_{version}_universal2"

    newest = [kinds(f"{major}_0") for major in reversed(MACOS)]
    # universal2 휠은 이름에 10_9가 적혀 있어도 arm64에 설치됩니다.
    older = tuple(tag for minor in range(15, 8, -1) for tag in kinds(f"10_{minor}"))
    markers = {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix"}
    ages = [(f"macOS {major}", (*sum(newest[at:], ()), *older)) for at, major in ages_of(MACOS)]
    every = (*sum(newest, ()), *older)
    return System(f"macOS {machine}", {**markers, "platform_machine": machine}, every, tuple(ages))


def ages_of(versions: Sequence[int]) -> list[tuple[int, int]]:
    """오래된 것부터 늘어놓은 버전과, 새것부터 늘어놓은 목록에서 그 버전의 자리입니다."""
    return [(len(versions) - 1 - at, version) for at, version in enumerate(versions)]


WINDOWS = System(
    "Windows",
    {
        "sys_platform": "win32",
        "platform_system": "Windows",
        "os_name": "nt",
        "platform_machine": "AMD64",
    },
    ("win_amd64",),
    (("", ("win_amd64",)),),
)
SYSTEMS = (linux("x86_64"), macos("arm64"), macos("x86_64"), WINDOWS)


@dataclass(frozen=True)
class Target:
    """휠을 고를 운영체제와 파이썬의 버전 하나입니다."""

    system: System
    python: str

    @property
    def full_version(self) -> str:
        return f"{self.python}.{PATCH}"

    @property
    def markers(self) -> dict[str, str]:
        return {
            **self.system.markers,
            "python_version": self.python,
            "python_full_version": self.full_version,
            "implementation_name": "cpython",
            "platform_python_implementation": "CPython",
            "extra": "",
        }


def all_targets() -> list[Target]:
    """나누어 줄 꾸러미가 받는 모든 대상입니다."""
    return [Target(system, python) for system in SYSTEMS for python in PYTHONS]


def this_target() -> Target:
    """이 컴퓨터와 같은 대상입니다."""
    machine = platform.machine()
    system = {
        "win32": lambda: WINDOWS,
        "darwin": lambda: macos(machine),
    }.get(sys.platform, lambda: linux(machine))()
    return Target(system, sysconfig.get_python_version())
