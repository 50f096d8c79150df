"""연습 하나를 채점합니다. 채점기가 어떻게 끝나든 판정과 깨끗한 뒤를 남깁니다."""

import importlib.util
import json
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from lab.checking import explaining
from lab.checking.answer import Answer
from lab.checking.exercises import Exercise
from lab.checking.limited import OUTPUT_BYTES
from lab.checking.verdict import Result, Short, State, Trouble
from lab.checking.web import Web
from lab.processes import StartError
from lab.services import ServiceUnavailableError

GRADE_SECONDS = 60.0
"""채점 하나를 기다리는 최대 시간(초)입니다."""


@dataclass
class Attempt:
    """채점 한 번입니다. 채점기는 다른 스레드에서 실행되므로, 멈추어도 기다림을 끝낼 수 있습니다."""

    exercise: Exercise
    file: Path
    folder: Path
    answer: Answer | None = None
    error: BaseException | None = None
    thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        try:
            grade = load(self.exercise)
            self.answer = Answer(self.file, self.folder, self.exercise.number)
            grade(self.answer)
            self._look_at_processes()
        except BaseException as error:
            self.error = error

    def _look_at_processes(self) -> None:
        processes = self.answer.processes if self.answer else []
        if any(process.too_much for process in processes):
            raise explaining.too_much_output(OUTPUT_BYTES / 2**20)
        if any(process.guard_killed for process in processes):
            raise explaining.guard_killed()

    def verdict(self) -> tuple[State, Short]:
        """채점기가 남긴 것을 판정으로 바꿉니다."""
        try:
            self._look_at_processes()
        except Short as short:
            return "short", short
        nothing = Short("", "")
        match self.error:
            case None:
                return "passed", nothing
            case Short() as verdict:
                return "short", verdict
            case json.JSONDecodeError() if self.answer:
                return "short", not_json(self.answer)
            case Trouble() | StartError() | ServiceUnavailableError():
                return "trouble", Short(str(self.error), "")
            case _:
                return "trouble", unexpected(self.exercise, self.error)

    def log(self) -> str:
        """답의 프로세스가 남긴 마지막 오류입니다."""
        outputs = [process.output for process in self.answer.processes] if self.answer else []
        return next(filter(None, map(explaining.last_error, reversed(outputs))), "")


def load(exercise: Exercise) -> Callable[[Answer], None]:
    """채점기의 grade 함수를 읽습니다.

    Raises:
        Trouble: 채점기가 없거나 grade가 없을 때.
    """
    file = exercise.folder / "grader.py"
    name = f"grader_{exercise.lesson}_{exercise.slug}"
    specification = importlib.util.spec_from_file_location(name, file)
    if not file.is_file() or specification is None or specification.loader is None:
        raise Trouble(f"채점기가 없습니다: {where(exercise, file)}")
    module: ModuleType = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    grade: Callable[[Answer], None] | None = getattr(module, "grade", None)
    if grade is None:
        raise Trouble(f"채점기에 grade 함수가 없습니다: {where(exercise, file)}")
    return grade


def where(exercise: Exercise, file: Path) -> str:
    """저장소에서 본 파일의 경로입니다."""
    return file.relative_to(exercise.root).as_posix()


def not_json(answer: Answer) -> Short:
    """JSON이 와야 하는데 다른 것이 왔음을 말합니다. 대개 500의 "Internal Server Error"입니다."""
    told = [process.last for process in answer.processes if isinstance(process, Web)]
    return Short(
        seen=f"JSON이 아닌 것으로 답했습니다. {next(filter(None, reversed(told)), '')}",
        why="경로 처리 함수에서 예외가 났거나, 돌려준 것이 딕셔너리나 리스트가 아닙니다.",
        look="서버의 마지막 오류와, 경로 처리 함수가 돌려주는 것을 보세요.",
    )


def unexpected(exercise: Exercise, error: BaseException) -> Short:
    """채점기 안에서 난 예상하지 못한 예외를 말합니다."""
    file = exercise.folder / "grader.py"
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename) == file
    ]
    line = f" {lines[-1]}번째 줄" if lines else ""
    return Short(
        seen=f"채점기가 끝까지 확인하지 못했습니다: {type(error).__name__}: {error}",
        why=f"{where(exercise, file)}{line}에서 멈추었습니다.",
        look="답이 연습에 적힌 모양의 응답을 하는지 먼저 보세요.",
    )


def grade(exercise: Exercise, file: Path | None = None, seconds: float | None = None) -> Result:
    """`file`(기본값은 배우는 사람의 파일)을 채점합니다. 예외를 내지 않고 판정을 돌려줍니다."""
    start = time.monotonic()
    answer_file = file or exercise.file
    if not answer_file.is_file():
        name = where(exercise, answer_file)
        is_folder = answer_file.is_dir()
        return Result(
            exercise.number,
            "trouble",
            0.0,
            seen=f"{name} 자리에 폴더가 있습니다." if is_folder else f"{name} 파일이 없습니다.",
            look=f"처음 파일을 다시 받으세요: uv run lab reset {exercise.number}",
        )
    limit = seconds or GRADE_SECONDS
    with tempfile.TemporaryDirectory(prefix="lab-", ignore_cleanup_errors=True) as folder:
        work = Path(folder) / "answer"
        work.mkdir()
        attempt = Attempt(exercise, answer_file, work)
        try:
            attempt.thread.start()
            # Windows에서는 기다리는 동안 Ctrl+C를 받지 못하므로 조금씩 기다립니다.
            while attempt.thread.is_alive() and time.monotonic() - start < limit:
                attempt.thread.join(0.1)
            if attempt.thread.is_alive():
                attempt.error = Trouble(f"채점이 {limit:g}초 안에 끝나지 않아 멈추었습니다")
            state, short = attempt.verdict()
            # 예측하는 연습의 앱은 오류도 일부러 냅니다.
            meant = exercise.kind == "예측" and not isinstance(attempt.error, json.JSONDecodeError)
            log = "" if state == "passed" or meant else attempt.log()
        finally:
            if attempt.answer is not None:
                attempt.answer.close()
    return Result(
        exercise.number,
        state,
        time.monotonic() - start,
        seen=short.seen,
        why=short.why,
        look=short.look,
        log=log if log and log not in short.seen else "",
    )
