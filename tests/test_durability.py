"""유실의 측정: 지어낸 이력으로, 세는 코드와 판단하는 코드를 확인합니다."""

import re
from pathlib import Path
from typing import Any

import pytest
from mkdocs.structure.files import Files

from hooks import durability as hook
from hooks.directives import expand
from measurements import durability, results
from measurements.durability import checker, expectations, history, reading
from measurements.durability.checker import Counts, ImpossibleHistoryError
from measurements.durability.history import Event
from measurements.results import MeasurementError, Result

CELL = "celery_default-sigkill_worker"


def told(*lines: str) -> list[Event]:
    """'submit 1'처럼 적은 줄을 이력으로 바꿉니다."""
    events: list[Event] = []
    for t, line in enumerate(lines):
        name, number = line.split()
        details: dict[str, Any] = {"where": "unacked"} if name == "left" else {}
        events.append({"t": float(t), "event": name, "number": int(number), **details})
    return events


def counts_of(*lines: str) -> Counts:
    return checker.count(told(*lines))


def row(cell: str, **counts: int) -> dict[str, Any]:
    zero = dict.fromkeys(Counts.__dataclass_fields__, 0)
    titles = {"cell": cell, "way": "방법", "fault": "고장", "note": ""}
    return {**titles, **zero, **counts}


def test_a_task_that_was_answered_and_done_counts_once() -> None:
    assert counts_of("submit 1", "ok 1", "done 1") == Counts(1, 1, 1, 0, 0, 0, 0)


def test_a_task_that_was_answered_and_never_done_is_lost() -> None:
    assert counts_of("submit 1", "ok 1") == Counts(1, 1, 0, 0, 0, 1, 0)


@pytest.mark.parametrize("times", [2, 3])
def test_a_task_that_was_done_more_than_once_counts_as_twice(times: int) -> None:
    counts = counts_of("submit 1", "done 1", "ok 1", *["done 1"] * (times - 1))

    assert counts == Counts(1, 1, 0, 1, 0, 0, 0)


def test_a_task_that_waits_in_the_broker_is_left_and_not_lost() -> None:
    assert counts_of("submit 1", "ok 1", "left 1") == Counts(1, 1, 0, 0, 1, 0, 0)


def test_a_task_that_was_done_and_whose_message_is_still_there_is_not_left() -> None:
    assert counts_of("submit 1", "ok 1", "done 1", "left 1") == Counts(1, 1, 1, 0, 0, 0, 0)


@pytest.mark.parametrize("answer", ["refused", "unknown"])
def test_a_task_without_a_good_answer_is_never_lost_even_when_it_is_not_done(answer: str) -> None:
    assert counts_of("submit 1", f"{answer} 1") == Counts(1, 0, 0, 0, 0, 0, 0)
    assert counts_of("submit 1", f"{answer} 1", "left 1") == Counts(1, 0, 0, 0, 0, 0, 0)
    assert counts_of("submit 1", f"{answer} 1", "done 1") == Counts(1, 0, 0, 0, 0, 0, 1)


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        (["submit 1", "ok 1", "ok 1"], "답을 두 번 받았습니다"),
        (["submit 1", "ok 1", "unknown 1"], "답을 두 번 받았습니다"),
        (["submit 1", "submit 1", "ok 1"], "두 번 보냈습니다"),
        (["submit 1", "ok 1", "submit 2"], "답이 적혀 있지 않습니다"),
        (["submit 1", "ok 1", "refused 2"], "보내지 않았는데 답이 있습니다"),
        (["submit 1", "ok 1", "done 2"], "보내지 않았는데 실행되었습니다"),
    ],
)
def test_a_history_that_cannot_be_is_refused(lines: list[str], complaint: str) -> None:
    with pytest.raises(ImpossibleHistoryError, match=complaint):
        counts_of(*lines)


def test_the_numbers_of_the_lost_tasks_are_told() -> None:
    events = told("submit 1", "ok 1", "submit 2", "ok 2", "submit 3", "ok 3", "done 2", "left 3")

    assert checker.lost_numbers(events) == [1]
    assert reading.interesting(events) == 1


def test_without_a_loss_the_task_that_was_done_last_is_shown() -> None:
    events = told("submit 1", "ok 1", "submit 2", "ok 2", "done 2", "done 1")

    assert reading.interesting(events) == 1
    assert [line.split()[1] for line in reading.story(events, 1)] == ["보냄", "응답", "실행됨"]


@pytest.mark.parametrize(
    ("cell", "counts", "complaint"),
    [
        ("celery_redis-sigkill_worker", {"lost": 1}, "모두 실행되어야 하는데"),
        ("kafka-broker_silent", {"left": 1}, "모두 실행되어야 하는데"),
        ("background_tasks-sigterm_web", {"lost": 1}, "모두 실행되어야 하는데"),
        ("background_tasks-sigkill_web", {"once": 1}, "실행되지 않은 것이 있어야"),
        ("celery_default-sigkill_child", {"left": 1}, "실행되지 않은 것이 있어야"),
        ("celery_redis-broker_wiped", {"once": 1}, "실행되지 않은 것이 있어야"),
        ("rq_default-broker_kept", {"once": 2, "acknowledged": 3, "submitted": 3}, "더해도"),
        ("rq_default-broker_kept", {"done_without_answer": 1, "submitted": 0}, "보낸 것보다"),
    ],
)
def test_a_cell_that_is_not_as_expected_is_told(
    cell: str, counts: dict[str, int], complaint: str
) -> None:
    answered = sum(counts.get(name, 0) for name in ("once", "twice", "left", "lost"))
    made_up = row(cell, **{"submitted": answered, "acknowledged": answered, **counts})

    (told_about,) = expectations.complaints(made_up)

    assert complaint in told_about


@pytest.mark.parametrize(
    ("cell", "counts"),
    [
        ("celery_redis-sigkill_worker", {"once": 2, "twice": 1}),
        ("celery_default-sigkill_worker", {"once": 2, "left": 1}),
        ("celery_redis-broker_kept", {"once": 2, "lost": 1}),
        ("rq_default-broker_kept", {"once": 3}),
    ],
)
def test_a_cell_as_expected_is_not_complained_about(cell: str, counts: dict[str, int]) -> None:
    assert expectations.complaints(row(cell, submitted=3, acknowledged=3, **counts)) == []


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Event]:
    """지어낸 결과와 그 이력을 적어 둔 폴더입니다."""
    monkeypatch.setattr(results, "FOLDER", tmp_path)
    monkeypatch.setattr(history, "HISTORIES", tmp_path / "durability")
    events = told("submit 1", "ok 1", "done 1", "submit 2", "ok 2", "left 2", "submit 3", "ok 3")
    history.save({CELL: events})
    return events


def result_of(*rows: dict[str, Any]) -> Result:
    return Result("durability", list(rows), {"tasks": 2}, quick=False, versions={"Python": "3"})


def test_a_table_that_its_histories_do_not_support_is_not_good(kept: list[Event]) -> None:
    good = row(CELL, submitted=3, acknowledged=3, once=1, left=1, lost=1)
    good["note"] = "unacked에 1"

    assert durability.check(result_of(good)) == []
    (complaint,) = durability.check(result_of({**good, "lost": 0, "once": 2}))
    assert complaint == f"{CELL}: 이력을 다시 세면 표와 다릅니다"


def test_histories_are_written_and_read_back_and_the_old_ones_are_removed(
    kept: list[Event],
) -> None:
    assert history.load(CELL) == kept
    written = history.file_of(CELL).read_bytes()

    history.save({"another-cell": kept})

    assert list(history.names()) == ["another-cell"]
    assert history.file_of("another-cell").read_bytes() == written
    with pytest.raises(MeasurementError, match="있는 것: another-cell"):
        history.load(CELL)


def test_an_effect_that_is_being_written_is_read_only_when_its_line_is_whole(
    tmp_path: Path,
) -> None:
    file = tmp_path / "effects.jsonl"
    effects = history.Effects(file)
    assert effects.refresh() == []
    file.write_text('{"number": 1}\n{"numb', encoding="utf-8")
    assert effects.refresh() == [{"number": 1}]
    with file.open("a", encoding="utf-8") as more:
        more.write('er": 2}\n')

    assert effects.refresh() == [{"number": 1}, {"number": 2}]


def test_the_page_shows_each_cell_with_a_link_to_its_history(kept: list[Event]) -> None:
    missing = {"cell": "kafka-x", "way": "다른 방법", "fault": "고장", "note": "해당 없음: 까닭"}
    results.save(result_of(row(CELL, submitted=3, acknowledged=3, once=1, lost=2), missing))

    page = expand("# 제목 { #x }\n\n<!-- durability-matrix -->\n", "measurements/x.md", Files([]))

    assert "| 방법 | 고장 |\n| --- | --- |\n" in page
    link = f'<a href="../assets/measurements/durability/{CELL}.jsonl.gz" title="[^"]+">'
    assert re.search(rf"\| 방법 \| {link}<strong>유실 2</strong></a> \|", page)
    assert "| 다른 방법 | – |" in page


def test_the_page_tells_the_story_of_one_task(kept: list[Event]) -> None:
    page = expand(f"# 제목 {{ #x }}\n\n<!-- durability-history {CELL} -->\n", "x.md", Files([]))

    assert [line.split()[1:] for line in page.splitlines() if "초  " in line] == [
        ["보냄", "number=3"],
        ["응답", "number=3"],
    ]
    assert hook.written(row(CELL)) == "0"
