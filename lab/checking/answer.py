"""채점기가 받는, 배우는 사람의 답 하나입니다."""

import shlex
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from lab.checking.limited import kill_left_behind
from lab.checking.processes import Process
from lab.checking.services import Broker
from lab.checking.source import functions_of, parse, read, value_of
from lab.checking.tracing import variables_for
from lab.checking.verdict import Trouble
from lab.checking.web import Web
from lab.processes import resolve
from lab.services import kafka_command, rabbitmq_command, redis_command

if TYPE_CHECKING:
    from lab.checking.mailbox import Mailbox
    from lab.checking.redis_broker import RedisBroker

EMPTY = (None, "", "TODO", ...)
# 다른 워커를 찾는 일(mingle, gossip)을 끄면 1초쯤 먼저 준비됩니다.
CELERY_WORKER = (
    *("celery", "-A", "answer:celery_app", "worker", "--without-mingle", "--without-gossip"),
    *("--loglevel", "INFO"),
)


class Answer:
    """배우는 사람의 파일을 임시 폴더에 answer.py로 복사한 것입니다.

    코드는 자식 프로세스에서만 실행되고, 모든 프로세스의 작업 디렉터리는 `folder`입니다.
    """

    def __init__(self, file: Path, folder: Path, number: str = "") -> None:
        self.folder = folder
        self.source = read(file)
        self._number = number
        self._tree = parse(self.source)
        self._environment: dict[str, str] = {}
        self._processes: list[Process] = []
        self._brokers: list[Broker] = []
        self._closed = False
        shutil.copy(file, folder / "answer.py")

    def value(self, name: str) -> object:
        """모듈에 `NAME = 값`으로 적은 값입니다. 코드를 실행하지 않고 읽습니다.

        Raises:
            Short: 없거나, 아직 채우지 않았거나, 바로 적은 값이 아닐 때.
        """
        return value_of(self._tree, name)

    def functions(self) -> set[str]:
        """모듈에 정의한 함수의 이름입니다."""
        return functions_of(self._tree)

    def web(self, **environment: str) -> Web:
        """`uvicorn answer:app`입니다. `with`에 넣으면 시작합니다."""

        def command() -> Sequence[str]:
            return resolve("uvicorn answer:app")

        variables = self._variables("web", environment)
        return Web("web", command, self.folder, variables, self._remember)

    def process(self, *command: str, **environment: str) -> Process:
        """답의 코드를 실행하는 다른 프로세스(워커, 컨슈머)입니다. `with`에 넣으면 시작합니다."""

        def resolved() -> Sequence[str]:
            if command[0] == "python":
                return [sys.executable, *command[1:]]
            return resolve(shlex.join(command))

        name = "worker" if command[0] in ("celery", "rq") else command[0]
        variables = self._variables(name, environment)
        return Process(name, resolved, self.folder, variables, self._remember)

    def celery_worker(self, *options: str, **environment: str) -> Process:
        """답의 `celery_app`을 실행하는 워커입니다. `options`가 없으면 자식 없이(solo) 실행합니다.

        solo는 빨리 시작하지만, 확인 응답을 언제나 태스크가 끝난 뒤에 보냅니다.
        """
        return self.process(*CELERY_WORKER, *(options or ("--pool", "solo")), **environment)

    def rq_worker(self, *options: str, **environment: str) -> Process:
        """JSON으로 읽는 RQ 워커입니다. 스케줄러는 `options`로 켭니다."""
        return self.process("rq", "worker", "--serializer", "json", *options, **environment)

    def _variables(self, name: str, environment: dict[str, str]) -> dict[str, str]:
        return {
            **variables_for(self._number, self.source, self.folder),
            "OTEL_SERVICE_NAME": name,
            "UVICORN_HOST": "127.0.0.1",
            **self._environment,
            **environment,
        }

    def _remember(self, process: Process) -> None:
        if process not in self._processes:
            self._processes.append(process)
        if self._closed:
            process.kill()
            raise Trouble("채점을 멈추었습니다")

    @contextmanager
    def redis(self) -> Iterator["RedisBroker"]:
        """Redis 호환 서버를 시작하고, 뒤에 시작하는 프로세스에 그 주소를 줍니다."""
        from lab.checking.redis_broker import RedisBroker

        data = self._data("redis")
        broker = RedisBroker("redis", "redis://127.0.0.1:{port}/0", redis_command, data)
        names = ("REDIS_URL", "CELERY_BROKER_URL", "CELERY_RESULT_BACKEND")
        with self._serving(broker, *names):
            yield broker

    @contextmanager
    def rabbitmq(self) -> Iterator[Broker]:
        """RabbitMQ를 시작하고, 뒤에 시작하는 프로세스에 그 주소를 줍니다."""
        address = "amqp://guest:guest@127.0.0.1:{port}//"
        broker = Broker("rabbitmq", address, rabbitmq_command, self._data("rabbitmq"))
        with self._serving(broker, "RABBITMQ_URL", "CELERY_BROKER_URL"):
            yield broker

    @contextmanager
    def kafka(self) -> Iterator[Broker]:
        """Kafka 프로토콜을 쓰는 연습용 브로커를 시작하고, 그 주소를 줍니다."""
        broker = Broker("kafka", "127.0.0.1:{port}", kafka_command, self._data("kafka"))
        with self._serving(broker, "KAFKA_BOOTSTRAP_SERVERS"):
            yield broker

    @contextmanager
    def mail(self, port: int | None = None) -> Iterator["Mailbox"]:
        """받은 메일을 모으는 메일함을 열고, 뒤에 시작하는 프로세스에 그 주소를 줍니다.

        이미 시작한 프로세스가 아는 포트에 메일함을 열려면 `port`를 주세요.
        """
        from lab.checking.mailbox import mailbox

        with mailbox(port) as (box, opened):
            self._environment |= {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(opened)}
            yield box

    @contextmanager
    def _serving(self, broker: Broker, *names: str) -> Iterator[None]:
        self._brokers.append(broker)
        try:
            broker.start()
            self._environment |= dict.fromkeys(names, broker.url)
            yield
        finally:
            broker.kill()

    def _data(self, name: str) -> Path:
        data = self.folder.parent / name
        data.mkdir(exist_ok=True)
        return data

    @property
    def processes(self) -> list[Process]:
        """지금까지 시작한 프로세스입니다."""
        return list(self._processes)

    def close(self) -> None:
        """남은 프로세스와 브로커를 모두 끝냅니다. 그 뒤에는 시작하지 못합니다."""
        self._closed = True
        for process in self._processes:
            process.kill()
        if self._processes:
            kill_left_behind(self.folder)
        for broker in self._brokers:
            broker.kill()
