"""확인 번호: 수강생이 읽어 준 여섯 자리에서 무엇이 모자란지 압니다."""

import itertools
import sys

import pytest

from lab import doctor
from lab.check_code import WrongCodeError, decode, encode
from lab.checks import Problem
from lab.cli import main

COUNT = len(doctor.all_checks(8000))


@pytest.mark.parametrize("missing", [*range(0, 1024, 7), 1023])
def test_a_code_read_back_says_the_same_as_the_doctor(missing: int) -> None:
    found = [not missing >> at & 1 for at in range(COUNT)]

    assert decode(encode(found), COUNT) == found
    assert decode(encode(found).replace("-", " "), COUNT) == found


def test_a_machine_that_has_everything_reads_four_zeros() -> None:
    assert encode([True] * COUNT).startswith("0000-")


@pytest.mark.parametrize("missing", [0, 1, 65, 512, 1023])
def test_one_digit_heard_wrong_or_two_swapped_are_noticed(missing: int) -> None:
    code = encode([not missing >> at & 1 for at in range(COUNT)]).replace("-", "")
    wrong = {code[:at] + digit + code[at + 1 :] for at in range(6) for digit in "0123456789"} | {
        code[:at] + code[at + 1] + code[at] + code[at + 2 :] for at in range(5)
    }

    for each in wrong - {code}:
        with pytest.raises(WrongCodeError, match="다시 물어보세요"):
            decode(each, COUNT)


@pytest.mark.parametrize("code", ["", "1234", "abcdef", "0000-000"])
def test_what_is_not_a_code_is_said_to_be_six_digits(code: str) -> None:
    with pytest.raises(WrongCodeError, match="여섯 자리"):
        decode(code, COUNT)


def test_the_doctor_ends_with_the_code_and_the_instructor_reads_it_back(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def ok() -> str:
        return "있습니다"

    def broken() -> str:
        raise Problem("설치하세요")

    checks = [("하나", True, broken), ("둘", False, broken), ("셋", True, ok)]
    monkeypatch.setattr(doctor, "all_checks", lambda _: checks)
    lines: list[str] = []
    doctor.diagnose(8000, lines.append)
    said, _, code = lines[-1].rpartition(" ")
    assert said == "강사에게 읽어 줄 확인 번호:"

    monkeypatch.setattr(sys, "argv", ["lab", "doctor", "--code", code])
    with pytest.raises(SystemExit) as end:
        main()

    shown = capsys.readouterr().out
    assert end.value.code == 1
    assert "필요  하나" in shown
    assert "참고  둘" in shown
    assert "셋" not in shown


def test_the_code_of_every_pair_of_problems_is_its_own() -> None:
    codes = {
        encode([at not in pair for at in range(COUNT)])
        for pair in itertools.combinations(range(COUNT), 2)
    }

    assert len(codes) == COUNT * (COUNT - 1) // 2
