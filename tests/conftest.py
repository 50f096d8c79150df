"""테스트 전체가 함께 쓰는 픽스처입니다."""

import atexit
import gc
import importlib
import os
import socket
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType
from typing import Protocol

import pytest
import redis
from pytest_cov.engine import CovController

from harness.preloaded import COVERAGE
from harness.processes import RQWorker, Script, WebServer, Worker
from harness.rabbitmq import RabbitMQ, require_rabbitmq, start_once
from harness.relay import Relay
from harness.services import EmbeddedKafka, Mailbox, Valkey, listening_but_silent
from lab import catalogue
from lab.__main__ import keep_bytecode
from lab.services import free_port

EXAMPLES = Path(__file__).parent.parent / "examples"


keep_bytecode()
coverage_config = pytest.StashKey[str]()


def pytest_configure(config: pytest.Config) -> None:
    """xdist의 일꾼에서 pytest-cov는 커버리지를 두 번 시작합니다. 앞의 것은 여기에서 멈춥니다."""
    pause_coverage(config)


@pytest.hookimpl(trylast=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    pause_coverage(session.config)


def pause_coverage(config: pytest.Config) -> None:
    """커버리지를 재면 느려지므로, 예제의 코드를 실행할 때만 잽니다.

    자식은 `measured` 표시가 있는 테스트에서, 테스트의 프로세스는 `load`를 쓰는 테스트에서 잽니다.
    """
    if child_config := os.environ.pop(COVERAGE, None):
        config.stash[coverage_config] = child_config
    if controller := coverage_controller(config):
        controller.pause()
        # resume()가 자식을 재는 환경 변수를 되살리지 않게 합니다.
        controller.cov.set_option("run:patch", [])


def coverage_controller(config: pytest.Config) -> CovController | None:
    """커버리지를 재지 않으면(`--cov`가 없으면) None입니다."""
    plugin = config.pluginmanager.get_plugin("_cov")
    return plugin.cov_controller if plugin else None


def pytest_unconfigure() -> None:
    """프로세스가 끝나면서 모든 객체를 다시 살펴보느라 xdist의 일꾼마다 1초쯤 쓰지 않게 합니다."""
    atexit.register(gc.freeze)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--whole", action="store_true", help="오래 걸리는 테스트까지 모두 합니다")


def is_whole(config: pytest.Config) -> bool:
    """오래 걸리는 테스트까지 하면 참입니다."""
    chosen = config.args_source is not pytest.Config.ArgsSource.TESTPATHS
    return chosen or bool(os.environ.get("CI")) or bool(config.option.whole)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """`whole` 표시가 있는 테스트는 CI에서, `--whole`로, 또는 파일을 골라 실행할 때만 합니다.

    커버리지를 잴 때는 `measured` 표시도 있는 테스트까지 해, 예제의 모든 줄을 실행합니다.
    """
    # RabbitMQ를 쓰는 테스트가 가장 오래 걸리므로 먼저 시작해, 끝에 하나만 남지 않게 합니다.
    items.sort(key=lambda item: "rabbitmq" not in getattr(item, "fixturenames", ()))
    if is_whole(config):
        return
    covers = coverage_controller(config) is not None

    def is_later(item: pytest.Item) -> bool:
        needed = covers and item.get_closest_marker("measured")
        return not needed and item.get_closest_marker("whole") is not None

    later = [item for item in items if is_later(item)]
    if later:
        config.hook.pytest_deselected(items=later)
        items[:] = [item for item in items if item not in set(later)]


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """테스트는 대부분 자식 프로세스를 기다리므로 코어 수보다 많이 나누어 돌립니다.

    브라우저와 실습 도구를 함께 테스트할 때는 CPU를 더 쓰므로 덜 나눕니다.
    """
    return (2 if is_whole(config) else 3) * (os.cpu_count() or 1)


class Load(Protocol):
    def __call__(self, path: str) -> ModuleType: ...


class Serve(Protocol):
    def __call__(
        self, path: str, env: Mapping[str, str] | None = None, options: Sequence[str] = ()
    ) -> WebServer: ...


class StartWorker(Protocol):
    def __call__(
        self, path: str, env: Mapping[str, str] | None = None, options: Sequence[str] = ()
    ) -> Worker: ...


class StartRQWorker(Protocol):
    def __call__(
        self,
        name: str,
        process: str = "worker",
        env: Mapping[str, str] | None = None,
        options: Sequence[str] = (),
    ) -> RQWorker: ...


class StartConsumer(Protocol):
    def __call__(
        self, path: str, env: Mapping[str, str] | None = None, arguments: Sequence[str] = ()
    ) -> Script: ...


@pytest.fixture(autouse=True)
def working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """예제가 만드는 파일이 테스트마다 빈 디렉터리에 생기게 합니다."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(autouse=True)
def connections(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """테스트의 프로세스가 브로커에 연 연결을 닫습니다.

    그대로 두면 언젠가 앱과 함께 수거되면서, 그때 실행되던 다른 테스트에 ResourceWarning을 냅니다.
    """
    connect: Callable[[redis.Connection], socket.socket] = redis.Connection._connect

    with ExitStack() as sockets:

        def connect_and_remember(connection: redis.Connection) -> socket.socket:
            return sockets.enter_context(connect(connection))

        monkeypatch.setattr(redis.Connection, "_connect", connect_and_remember)
        yield
        if pools := sys.modules.get("kombu.pools"):
            pools.reset()


@pytest.fixture(autouse=True)
def measured(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """`measured` 표시가 있는 테스트는 자식 프로세스의 커버리지를 잽니다."""
    config = request.config.stash.get(coverage_config, None)
    if config and request.node.get_closest_marker("measured"):
        monkeypatch.setenv(COVERAGE, config)


@pytest.fixture
def covered(request: pytest.FixtureRequest) -> Iterator[None]:
    """테스트의 프로세스에서 실행하는 예제의 커버리지를 잽니다."""
    controller = coverage_controller(request.config)
    if controller:
        controller.resume()
    yield
    if controller:
        controller.pause()


@pytest.fixture
def load(covered: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Load]:
    """예제 파일을 새로 임포트합니다. 예: load("01_basic/main")"""
    before = set(sys.modules)

    def forget() -> None:
        for name in set(sys.modules) - before:
            file = getattr(sys.modules[name], "__file__", None)
            if file and EXAMPLES in Path(file).parents:
                del sys.modules[name]

    def load(path: str) -> ModuleType:
        forget()
        file = EXAMPLES / f"{path}.py"
        monkeypatch.syspath_prepend(str(file.parent))
        return importlib.import_module(file.stem)

    yield load
    forget()


@pytest.fixture
def processes() -> Iterator[ExitStack]:
    """테스트가 띄운 프로세스를 테스트가 끝날 때 거꾸로 정리합니다."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def serve(processes: ExitStack, working_directory: Path) -> Serve:
    """예제를 빈 포트의 uvicorn으로 실행합니다. 예: serve("01_basic/main")"""

    def serve(
        path: str, env: Mapping[str, str] | None = None, options: Sequence[str] = ()
    ) -> WebServer:
        file = EXAMPLES / path
        server = WebServer(f"{file.name}:app", file.parent, working_directory, env, options)
        processes.callback(server.kill)
        processes.callback(server.terminate)
        processes.callback(server.client.close)
        return server

    return serve


@pytest.fixture
def start_worker(processes: ExitStack, working_directory: Path) -> StartWorker:
    """예제의 Celery 워커를 실행합니다. 예: start_worker("04_celery/celery_worker:celery_app")

    끝낼 때는 기다리지 않고 kill하되, 커버리지를 잴 때는 적을 수 있게 스스로 끝나기를 기다립니다.
    """

    def start_worker(
        path: str, env: Mapping[str, str] | None = None, options: Sequence[str] = ()
    ) -> Worker:
        file = EXAMPLES / path
        worker = Worker(file.name, file.parent, working_directory, env, options)
        processes.callback(worker.kill)
        if COVERAGE in os.environ:
            processes.callback(worker.terminate)
        return worker

    return start_worker


@pytest.fixture
def start_rq_worker(processes: ExitStack, working_directory: Path) -> StartRQWorker:
    """예제나 함정의 RQ 워커를 적힌 명령대로 실행합니다. 예: start_rq_worker("06")"""

    def start_rq_worker(
        name: str,
        process: str = "worker",
        env: Mapping[str, str] | None = None,
        options: Sequence[str] = (),
    ) -> RQWorker:
        program = catalogue.find_program(name)
        command = program.processes[process]
        worker = RQWorker(command, program.folder, working_directory, env, options)
        processes.callback(worker.kill)
        if COVERAGE in os.environ:
            processes.callback(worker.wait_for_work_horse)
        return worker

    return start_rq_worker


@pytest.fixture
def start_consumer(processes: ExitStack, working_directory: Path) -> StartConsumer:
    """예제의 컨슈머를 실행합니다. 예: start_consumer("07_kafka/consumer")"""

    def start_consumer(
        path: str, env: Mapping[str, str] | None = None, arguments: Sequence[str] = ()
    ) -> Script:
        consumer = Script(EXAMPLES / f"{path}.py", working_directory, env, arguments)
        processes.callback(consumer.kill)
        if COVERAGE in os.environ:
            processes.callback(consumer.terminate)
        return consumer

    return start_consumer


@pytest.fixture(scope="session")
def embedded_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedKafka]:
    """Kafka 프로토콜을 쓰는 연습용 브로커입니다. 테스트는 저마다 다른 토픽을 씁니다."""
    broker = EmbeddedKafka(tmp_path_factory.mktemp("kafka"))
    yield broker
    broker.stop()


@pytest.fixture
def valkey(
    processes: ExitStack, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Valkey:
    """테스트마다 새로 띄우는 Valkey입니다. REDIS_URL도 이 서버를 가리키게 합니다."""
    server = Valkey(tmp_path_factory.mktemp("valkey"))
    processes.callback(server.stop)
    monkeypatch.setenv("REDIS_URL", server.url)
    return server


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    """받은 메일을 모으는 SMTP 서버입니다. SMTP_PORT도 이 서버를 가리키게 합니다."""
    box = Mailbox()
    monkeypatch.setenv("SMTP_PORT", str(box.port))
    yield box
    box.stop()


@pytest.fixture
def dead_port() -> int:
    """아무도 듣지 않아 연결이 바로 거부되는 포트입니다."""
    return free_port()


@pytest.fixture
def silent_port() -> Iterator[int]:
    """연결은 받지만 아무 답도 하지 않는 포트입니다."""
    with listening_but_silent() as port:
        yield port


@pytest.fixture(scope="session")
def rabbitmq_ports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    """모든 테스트 프로세스가 나누어 쓰는 RabbitMQ의 포트입니다."""
    require_rabbitmq()
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        return start_once(folder.parent, os.getppid())
    return start_once(folder, os.getpid())


@pytest.fixture
def rabbitmq(
    rabbitmq_ports: dict[str, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> RabbitMQ:
    """테스트마다 새로 만드는 가상 호스트입니다. RABBITMQ_URL도 여기를 가리키게 합니다."""
    broker = RabbitMQ(rabbitmq_ports, str(tmp_path))
    monkeypatch.setenv("RABBITMQ_URL", broker.url)
    return broker


@pytest.fixture
def rabbitmq_relay(rabbitmq: RabbitMQ, processes: ExitStack) -> Relay:
    """RabbitMQ 앞에서, 얼리거나 끊을 수 있는 포트입니다."""
    relay = Relay(rabbitmq.port)
    processes.callback(relay.cut)
    return relay
