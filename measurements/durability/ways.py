"""일을 맡기는 여덟 가지 방법: 무엇을 실행하고, 어떻게 보내고, 남은 것을 어디에서 보는가."""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lab import catalogue
from lab.catalogue import Program
from lab.stage import WRITTEN
from measurements.client import request
from measurements.durability import brokers
from measurements.durability.brokers import Broker
from measurements.programs import APPS, quiet

OURS = APPS / "durability"
QUEUED_SECONDS = "0.1"
"""큐에서 꺼내 실행하는 태스크 하나가 걸리는 시간(초)입니다."""
ITEMS = 2
"""04와 06의 태스크가 나누어 처리하는 항목의 수입니다."""
IN_PROCESS_SECONDS = "0.5"
"""웹이 직접 실행하는 태스크의 시간(초)입니다. 더 짧으면 uvicorn이 끝나는 사이에 마칩니다."""


@dataclass(frozen=True)
class Way:
    """일을 맡기는 방법 하나입니다."""

    name: str
    title: str
    settings: str
    """설정입니다. {limit}은 04의 시간 제한(초)이고 {visibility}는 그 두 배입니다."""
    processes: Mapping[str, str]
    """실행할 프로세스와 명령입니다. 예제의 명령에서 고친 것은 장부를 파일로 바꾸는 것뿐입니다."""
    path: str
    """요청을 보낼 경로입니다. {number}는 태스크의 번호입니다."""
    body: Callable[[int], Any] = lambda number: {}
    """요청의 본문입니다."""
    example: str | None = None
    """그대로 실행할 예제입니다. 없으면 measurements/apps/durability/의 앱입니다."""
    broker: Broker | None = None
    keeps_failures: bool = False
    """실패를 Celery의 결과 백엔드에 적는지입니다."""
    forks: bool = False
    """워커가 태스크마다 자식을 새로 만드는지입니다."""
    patience: float = 12
    """아직 실행되지 않은 것이 있을 때, 새로 실행되는 것이 없어도 기다려 주는 시간(초)입니다.

    04의 예제에는 여기에 가시성 타임아웃(시간 제한의 두 배)을 더합니다."""

    @property
    def worker(self) -> str | None:
        """태스크를 실행하는 프로세스의 이름입니다. 웹이 직접 실행하면 None입니다."""
        return next((name for name in self.processes if name != "web"), None)

    def patience_with(self, task_time_limit: int) -> float:
        """시간 제한이 `task_time_limit`초일 때 기다려 주는 시간(초)입니다."""
        on_04 = self.example is not None and self.example.startswith("04")
        return self.patience + 2 * task_time_limit * on_04

    def variables(self, task_time_limit: int) -> dict[str, str]:
        """프로세스에 줄 환경 변수입니다. `task_time_limit`은 04의 시간 제한(초)입니다."""
        return {
            "WORK_SECONDS": QUEUED_SECONDS if self.worker else IN_PROCESS_SECONDS,
            "STEP_SECONDS": str(float(QUEUED_SECONDS) / ITEMS),
            "COUPON_SECONDS": QUEUED_SECONDS,
            "TASK_TIME_LIMIT": str(task_time_limit),
        }

    def request(self, number: int) -> bytes:
        """태스크 `number`를 맡기는 요청입니다."""
        return request("POST", self.path.format(number=number), self.body(number))

    def staged(self, folder: Path) -> Program:
        """`folder`에 만든 깨끗한 복사본입니다. 배우는 사람의 폴더에 파일을 남기지 않습니다."""
        ignored = shutil.ignore_patterns(*WRITTEN)
        borrowed: Mapping[str, str] = {}
        variables: set[str] = {self.broker.variable} if self.broker else set()
        if self.example:
            source = catalogue.find_example(self.example)
            shutil.copytree(source.folder, folder, ignore=ignored, dirs_exist_ok=True)
            borrowed = source.borrowed
            variables |= source.variables & {"REDIS_URL"}
        shutil.copytree(OURS, folder, ignore=ignored, dirs_exist_ok=True)
        program = Program(self.name, self.title, folder, dict(self.processes), frozenset(variables))
        return quiet(replace(program, borrowed=borrowed))


def with_a_file(example: str, before: str, after: str) -> dict[str, str]:
    """예제의 Procfile에 적힌 명령입니다. 워커의 명령에서 `before`만 `after`로 바꿉니다."""
    processes = catalogue.find_example(example).processes
    return {name: command.replace(before, after, 1) for name, command in processes.items()}


IN_PROCESS = {"web": "uvicorn in_process:app"}
ON_04 = with_a_file("04_celery", "-A celery_worker", "-A celery_ledger")


def two_items(number: int) -> dict[str, int]:
    """04와 06의 본문입니다. 항목이 둘이므로 진행 상황을 두 번 적습니다."""
    return {"number": number, "order": 2}


WAYS = (
    Way(
        "background_tasks",
        "BackgroundTasks",
        "웹 프로세스 하나, 동기 태스크",
        IN_PROCESS,
        "/background-tasks/{number}",
        patience=3,
    ),
    Way(
        "create_task",
        "asyncio.create_task",
        "웹 프로세스 하나, 코루틴",
        IN_PROCESS,
        "/create-task/{number}",
        patience=3,
    ),
    Way(
        "celery_default",
        "Celery, Redis (기본값)",
        "자식 2개, 나머지는 기본값. 가시성 타임아웃 1시간",
        {
            "web": "uvicorn celery_default:app",
            "worker": "celery -A celery_default:celery_app worker --loglevel INFO --concurrency 2",
        },
        "/work/{number}",
        broker=brokers.CELERY_REDIS,
        keeps_failures=True,
    ),
    Way(
        "celery_redis",
        "Celery, Redis (04장)",
        "04 예제, Redis만 appendfsync always. 시간 제한 {limit}초, 가시성 타임아웃 {visibility}초",
        ON_04,
        "/process-data/",
        two_items,
        example="04_celery",
        broker=brokers.CELERY_REDIS_SYNCED,
        keeps_failures=True,
        patience=15,
    ),
    Way(
        "celery_rabbitmq",
        "Celery, RabbitMQ (04장)",
        "04 예제 그대로. 시간 제한 {limit}초",
        ON_04,
        "/process-data/",
        two_items,
        example="04_rabbitmq",
        broker=brokers.RABBITMQ,
        keeps_failures=True,
        patience=15,
    ),
    Way(
        "rq_default",
        "RQ (기본값)",
        "워커 하나, 나머지는 기본값",
        {"web": "uvicorn rq_default:app", "worker": "rq worker"},
        "/work/{number}",
        broker=brokers.RQ_REDIS,
        forks=True,
    ),
    Way(
        "rq_retry",
        "RQ, 재시도 (06장)",
        "06 예제, Redis만 appendfsync always. 죽은 워커의 태스크는 65초 뒤에 다시",
        with_a_file("06_rq", "rq worker", "python rq_ledger.py worker"),
        "/process-data/",
        two_items,
        example="06_rq",
        broker=brokers.RQ_REDIS_SYNCED,
        forks=True,
        patience=100,
    ),
    Way(
        "kafka",
        "Kafka 컨슈머 (07장)",
        "07 예제 그대로, 컨슈머 하나, 파티션 넷. 연습용 브로커",
        with_a_file("07_kafka", "python consumer.py", "python kafka_ledger.py"),
        "/users/",
        lambda number: {"name": str(number), "email": "user@example.com"},
        example="07_kafka",
        broker=brokers.KAFKA,
        patience=25,
    ),
)
