"""견줄 시스템: 워커를 실행하는 명령과, 태스크를 넣는 모듈, 그리고 표에 적을 설정."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

from lab.services import find_rabbitmq

REDIS, RABBITMQ, KAFKA = "REDIS_URL", "RABBITMQ_URL", "KAFKA_BOOTSTRAP_SERVERS"
BROKERS = {REDIS: "Redis", RABBITMQ: "RabbitMQ", KAFKA: "Kafka"}
CELERY = "worker --pool prefork --loglevel ERROR --without-gossip --without-mingle"
ARQ = "arq==0.28.0"
ARQ_SECONDS = 120
PREFETCH = "env dramatiq_queue_prefetch=200"
"""기본값은 스레드의 두 배입니다. 빈 태스크에서는 워커가 다음 것을 기다리느라 쉽니다."""


@dataclass(frozen=True)
class System:
    """워커 하나(또는 여럿)와 그것이 읽는 큐입니다."""

    name: str
    """큐와 프로세스의 이름입니다."""
    title: str
    module: str
    """태스크와 `publish`가 있는 measurements/apps/throughput/의 모듈입니다."""
    slots: int
    """동시에 실행하는 태스크의 수입니다."""
    settings: str
    """표에 적는 설정입니다."""
    commands: tuple[str, ...]
    broker: str = REDIS
    quick: bool = False
    """--quick에서도 잽니다."""
    publisher: str = "publisher"
    """태스크를 넣는 프로세스의 이름입니다. 환경이 다르면 프로세스도 다릅니다."""
    polls: bool = False
    """빈 큐를 자주 살펴 CPU를 쓰므로, 다른 것을 재는 동안 멈춰 둡니다."""

    @property
    def processes(self) -> dict[str, str]:
        """프로세스의 이름과 명령입니다."""
        return {f"{self.name}.{number}": each for number, each in enumerate(self.commands)}


def celery(broker: str, slots: int, prefetch: int, kind: str = "") -> System:
    """Celery의 prefork 워커입니다. `kind`는 앱 모듈의 앞부분("late", "results")입니다."""
    kind = kind or ("rabbitmq" if broker == RABBITMQ else "")
    module = f"{kind}_celery_tasks" if kind else "celery_tasks"
    more = {"late": ", 끝난 뒤 확인", "results": ", 결과 저장"}
    name = f"celery-{kind or 'redis'}-{slots}-{prefetch}"
    options = f"--concurrency {slots} --prefetch-multiplier {prefetch} --queues {name}"
    return System(
        name,
        f"Celery, {BROKERS[broker]}{more.get(kind, '')}",
        module,
        slots,
        f"prefork {slots}, prefetch {prefetch}, JSON",
        (f"celery -A {module} {CELERY} {options} --hostname {name}@localhost",),
        broker,
        quick=(slots, prefetch) == (4, 4) and kind not in more,
    )


def rq(worker_class: str, title: str, quick: bool = False) -> System:
    """RQ의 워커 넷입니다."""
    name = f"rq-{worker_class.rpartition('.')[2].lower()}"
    command = f"rq worker --quiet --serializer json --worker-class {worker_class} {name}"
    return System(
        name,
        title,
        "rq_tasks",
        4,
        f"워커 4, {worker_class}, JSON",
        (command,) * 4,
        quick=quick,
    )


def taskiq(slots: int) -> System:
    """taskiq의 워커 프로세스 둘입니다."""
    name = f"taskiq-{slots}"
    broker = "few" if slots == 4 else "many"
    options = f"--workers 2 --max-async-tasks {slots // 2} --log-level ERROR"
    return System(
        name,
        "taskiq",
        "taskiq_tasks",
        slots,
        f"RedisStreamBroker, 프로세스 2, max-async-tasks {slots // 2}, JSON",
        (f"taskiq worker taskiq_tasks:{broker} {options}",),
    )


def arq(slots: int) -> System:
    """arq의 워커 프로세스 둘입니다. redis-py의 버전이 달라 uv가 만든 환경에서 실행합니다."""
    settings = "few" if slots == 4 else "many"
    return System(
        f"arq-{slots}",
        "arq",
        "arq_tasks",
        slots,
        f"프로세스 2, max_jobs {slots // 2}, poll_delay 0.001, keep_result 0, pickle",
        (f"{arq_python()} arq arq_tasks.{settings}",) * 2,
        publisher="arq-publisher",
        polls=True,
    )


def arq_python() -> str:
    """arq가 설치된 환경에서 실행하는 명령의 앞부분입니다."""
    return f"uv run --quiet --no-project --isolated --with {ARQ}"


def kafka(every: int, quick: bool = False) -> System:
    """컨슈머 넷입니다. 파티션도 넷이어서 하나씩 맡습니다."""
    name = f"kafka-{every}"
    return System(
        name,
        "Kafka 컨슈머",
        "kafka_consumer",
        4,
        "컨슈머 4, 하나마다 커밋" if every == 1 else f"컨슈머 4, {every}개마다 커밋",
        tuple(f"python kafka_consumer.py {name} {every} {partition}" for partition in range(4)),
        KAFKA,
        quick=quick,
    )


BARE = System(
    "bare",
    "라이브러리 없이 Redis만",
    "bare_worker",
    4,
    "프로세스 4, LPUSH와 BRPOP",
    ("python bare_worker.py bare",) * 4,
    quick=True,
)
DRAMATIQ = System(
    "dramatiq",
    "dramatiq",
    "dramatiq_tasks",
    4,
    "RedisBroker, 프로세스 2, 스레드 2, queue_prefetch 200, JSON",
    (f"{PREFETCH} dramatiq dramatiq_tasks --processes 2 --threads 2 --skip-logging",),
)
HUEY = System(
    "huey",
    "huey",
    "huey_tasks",
    4,
    "RedisHuey, 프로세스 4, results=False, pickle",
    ("huey_consumer huey_tasks.huey --workers 4 --worker-type process --quiet -n",),
)


def every() -> Iterator[System]:
    """모든 시스템입니다. 차례는 표의 차례입니다."""
    yield BARE
    for broker in (REDIS, RABBITMQ):
        for slots in (1, 2, 4):
            for prefetch in (1, 4):
                yield celery(broker, slots, prefetch)
    yield celery(REDIS, 4, 1, "late")
    yield celery(REDIS, 4, 4, "results")
    yield rq("rq.Worker", "RQ, 태스크마다 fork", quick=True)
    yield rq("rq.SimpleWorker", "RQ, fork 없이")
    yield kafka(1, quick=True)
    yield kafka(100)
    yield DRAMATIQ
    yield HUEY
    yield taskiq(4)
    yield taskiq(200)
    yield arq(4)
    yield arq(200)


def chosen(quick: bool) -> tuple[list[System], list[str]]:
    """이 컴퓨터에서 잴 수 있는 시스템과, 재지 못하는 까닭입니다."""
    systems = [system for system in every() if system.quick or not quick]
    missing = []
    if find_rabbitmq() is None:
        missing.append("RabbitMQ가 설치되어 있지 않아 RabbitMQ를 쓰는 것은 재지 않았습니다")
        systems = [system for system in systems if system.broker != RABBITMQ]
    if any(system.module == "arq_tasks" for system in systems) and not has_arq():
        missing.append(f"{ARQ}을 내려받지 못해 arq는 재지 않았습니다")
        systems = [system for system in systems if system.module != "arq_tasks"]
    return systems, missing


def has_arq() -> bool:
    """arq의 환경을 만들 수 있으면 참입니다."""
    uv = os.environ.get("UV") or shutil.which("uv")
    if uv is None:
        return False
    command = [uv, *arq_python().split()[1:], "python", "-c", "import arq"]
    try:
        return subprocess.run(command, capture_output=True, timeout=ARQ_SECONDS).returncode == 0
    except subprocess.TimeoutExpired:
        return False
