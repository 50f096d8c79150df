"""사이트: 원본이 달라졌을 때만 빌드하고, 빌드에 실패하면 까닭을 말합니다."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from harness.processes import without_coverage
from lab import site


@pytest.fixture(autouse=True)
def unmeasured_children(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """mkdocs의 프로세스는 커버리지를 재지 않습니다."""
    for name in set(os.environ) - set(without_coverage()):
        monkeypatch.delenv(name)
    yield


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """페이지 하나와 예제 하나가 있는 저장소입니다."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "examples" / "01_basic").mkdir(parents=True)
    (tmp_path / "mkdocs.yml").write_text("site_name: course\n")
    (tmp_path / "docs" / "index.md").write_text("# first words\n")
    (tmp_path / "examples" / "01_basic" / "main.py").write_text("app = None\n")
    return tmp_path


@pytest.mark.whole
def test_the_site_is_built_again_only_when_a_source_has_changed(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = site.build_site(root)
    assert "first words" in (first / "index.html").read_text(encoding="utf-8")
    with monkeypatch.context() as without_mkdocs:
        without_mkdocs.delattr(site, "run_mkdocs")
        assert site.build_site(root) == first

    (root / "docs" / "index.md").write_text("# other words\n")

    assert "other words" in (site.build_site(root) / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "name",
    [
        *("docs/new.md", "mkdocs.yml", "examples/01_basic/main.py"),
        *("hooks/new.py", "overrides/404.html", "tests/test_new.py"),
    ],
)
def test_a_changed_source_gives_another_fingerprint(root: Path, name: str) -> None:
    before = site.fingerprint(root)

    (root / name).parent.mkdir(exist_ok=True)
    (root / name).write_text("site_name: longer name\n")

    assert site.fingerprint(root) != before


@pytest.mark.parametrize("name", ["log.txt", "app.db", "app.db-wal"])
def test_what_a_running_example_writes_does_not_build_the_site_again(root: Path, name: str) -> None:
    before = site.fingerprint(root)

    (root / "examples" / "01_basic" / name).write_text("written by a task\n")

    assert site.fingerprint(root) == before


@pytest.mark.whole
def test_two_labs_that_start_at_once_share_one_build(root: Path) -> None:
    with ThreadPoolExecutor(2) as threads:
        first, second = threads.map(site.build_site, [root, root])

    assert first == second
    assert list((root / ".cache" / "site").iterdir()) == [first]


@pytest.mark.whole
def test_a_failed_build_says_so_in_korean_and_shows_the_last_lines(root: Path) -> None:
    (root / "mkdocs.yml").write_text("site_name: course\ntheme: no-such-theme\n")

    with pytest.raises(site.SiteError, match="빌드하지 못했습니다") as failure:
        site.build_site(root)

    assert "no-such-theme" in str(failure.value)
    assert list((root / ".cache" / "site").iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named(root: Path) -> None:
    (root / ".cache").write_text("a file where the folder should be")

    with pytest.raises(site.SiteError, match=r"\.cache"):
        site.build_site(root)


def test_only_the_newest_builds_are_kept(tmp_path: Path) -> None:
    for number in range(5):
        build = tmp_path / f"build{number}"
        build.mkdir()
        os.utime(build, (number, number))
    unfinished = f"unfinished-{os.getpid()}-x"
    (tmp_path / unfinished).mkdir()
    (tmp_path / "unfinished-999999999-x").mkdir()  # 빌드하다가 kill -9로 끝났습니다.

    site.forget_old_builds(tmp_path)

    left = sorted(build.name for build in tmp_path.iterdir())
    assert left == ["build2", "build3", "build4", unfinished]


def test_a_build_that_a_lab_still_serves_is_kept(tmp_path: Path) -> None:
    for number in range(5):
        build = tmp_path / f"build{number}"
        build.mkdir()
        os.utime(build, (number, number))
    (tmp_path / "build0.999999999").touch()  # 끝난 실습 도구가 남긴 표시입니다.

    with site.kept(tmp_path / "build1"):
        site.forget_old_builds(tmp_path)
        left = sorted(each.name for each in tmp_path.iterdir())

    assert left == ["build1", f"build1.{os.getpid()}", "build2", "build3", "build4"]
    assert not (tmp_path / f"build1.{os.getpid()}").exists()


def test_a_build_that_cannot_be_marked_is_served_all_the_same(
    tmp_path: Path,
) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")

    with site.kept(tmp_path / "cache" / "build"):
        pass


def test_the_sitemap_names_the_address_that_serves_the_site(tmp_path: Path) -> None:
    text = "<url><loc>http://127.0.0.1:8000/lessons/가/</loc></url>"
    (tmp_path / "sitemap.xml").write_text(text, encoding="utf-8")

    served = site.sitemap(tmp_path, "http://localhost:8123/").decode()

    assert served == "<url><loc>http://localhost:8123/lessons/가/</loc></url>"
