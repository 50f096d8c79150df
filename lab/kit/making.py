"""USB의 내용을 폴더 하나에 모읍니다: 사이트, 휠, 과정, 읽을 것."""

import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from packaging.requirements import Requirement

from lab.kit.course import write_course
from lab.kit.targets import Target
from lab.kit.wheels import KitError, download, locked, oldest_system
from lab.offline import FOLDER, write_zip
from lab.site import ROOT

KIT = Path("dist/kit")
WHEELS = "wheels"
COURSE = "course"
README = """FastAPI 백그라운드 태스크 실습

인터넷 없이 설치하고 실행합니다. {pythons} 있어야 합니다.
3.11이면 3.11.5 이상이어야 합니다.

1. 이 폴더를 통째로 컴퓨터에 복사하세요. USB에서 바로 실행하면 느립니다.

2. 터미널에서 복사한 폴더의 {course} 폴더로 가세요.

       cd {course}

3. uv를 설치하세요. 인터넷은 쓰지 않습니다.

       python -m pip install --no-index --find-links ../{wheels} uv

   macOS와 Linux에서는 python 대신 python3이라고 적어야 할 수 있습니다.
   externally-managed-environment라는 말이 나오면 이렇게 하세요.

       python3 -m venv ../tools
       ../tools/bin/python -m pip install --no-index --find-links ../{wheels} uv

   그다음부터는 uv 대신 ../tools/bin/uv 라고 적으세요.

4. 실행하세요. 처음에는 설치하느라 조금 걸립니다.

       uv run lab

   브라우저에 사이트가 열립니다. 끝내려면 Ctrl+C를 누르세요.

5. 되는지 확인하려면 이것을 실행하고, 마지막에 나오는 확인 번호를 강사에게 읽어 주세요.

       uv run lab doctor

설치하지 못하면 {site}의 압축을 풀고 {folder}/index.html을 브라우저로 여세요.
실행은 되지 않지만 모든 페이지와 기록한 실행을 볼 수 있습니다.

담긴 운영체제: {systems}
"""


def make(
    target: Path, targets: Sequence[Target], as_zip: bool, show: Callable[[str], None]
) -> Path:
    """`target` 폴더(`as_zip`이면 그 이름의 zip)에 모두 모으고, 그 경로를 돌려줍니다.

    Raises:
        KitError: 받지 못했거나, 이미 다른 것이 든 폴더일 때.
        SiteError: 사이트를 빌드하지 못했을 때.
    """
    if target.exists() and any(target.iterdir()) and not (target / WHEELS).exists():
        raise KitError(f"{target}은(는) 비어 있지 않습니다. 다른 경로를 적으세요")
    with tempfile.TemporaryDirectory(prefix="lab-") as temporary:
        kit = Path(temporary) / target.name
        wheels = kit / WHEELS
        wheels.mkdir(parents=True)
        requirements = locked()
        for each in targets:
            show(f"받는 중: {each.system.name}, Python {each.python}")
            download(requirements, each, wheels)
        show(f"받았습니다: 휠 {sum(1 for _ in wheels.iterdir())}개")
        systems = named_systems(requirements, targets, wheels)
        show(f"확인했습니다: {systems}에 설치할 휠이 모두 있습니다")
        write_course(kit / COURSE, f"../{WHEELS}", targets)
        show("모았습니다: 과정의 소스와 처음 파일")
        site = write_zip(kit / "site.zip", ROOT)
        show("빌드했습니다: 사이트")
        (kit / "README.txt").write_text(
            readme(targets, site.name, systems), encoding="utf-8", newline="\r\n"
        )
        show(f"크기: {size_of(kit) / 1_000_000:.0f}MB")
        target.parent.mkdir(parents=True, exist_ok=True)
        if as_zip:
            made = shutil.make_archive(str(target), "zip", kit.parent, kit.name)
            return Path(made)
        shutil.rmtree(target, ignore_errors=True)
        return Path(shutil.move(kit, target))


def size_of(folder: Path) -> int:
    """폴더에 든 파일의 크기를 더한 것(바이트)입니다."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def named_systems(
    requirements: Sequence[Requirement], targets: Sequence[Target], wheels: Path
) -> str:
    """담긴 운영체제와, 설치할 수 있는 가장 오래된 버전입니다. 예: "Linux x86_64(glibc 2.28부터)"

    Raises:
        KitError: 설치할 휠이 빠진 운영체제가 있을 때.
    """
    oldest: dict[str, int] = {}
    for each in targets:
        ages = [system for system, _ in each.system.ages]
        at = ages.index(oldest_system(requirements, each, wheels))
        oldest[each.system.name] = max(at, oldest.get(each.system.name, 0))
    systems = {each.system.name: each.system for each in targets}
    told = {name: systems[name].ages[at][0] for name, at in oldest.items()}
    return ", ".join(f"{name}({age}부터)" if age else name for name, age in told.items())


def readme(targets: Sequence[Target], site: str, systems: str) -> str:
    """함께 담을 안내입니다."""
    pythons = list(dict.fromkeys(each.python for each in targets))
    which = " 버전이" if len(pythons) == 1 else " 가운데 하나가"
    return README.format(
        course=COURSE,
        wheels=WHEELS,
        site=site,
        folder=FOLDER,
        pythons=f"Python {', '.join(pythons)}{which}",
        systems=systems,
    )
