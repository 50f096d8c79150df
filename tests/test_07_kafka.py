"""07_kafka: 실제 컨슈머 프로세스와 연습용 브로커로 확인합니다."""

import json
import signal
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition
from fastapi.testclient import TestClient

from conftest import Load, Serve, StartConsumer
from harness.processes import Script, WebServer
from harness.services import EmbeddedKafka
from harness.waiting import wait_until

MAIN = "07_kafka/main"
CONSUMER = "07_kafka/consumer"
PARTITIONS = range(4)
FAST = {"COUPON_SECONDS": "0"}
SESSION_TIMEOUT_MS = "1500"
"""연습용 브로커는 이보다 1초 덜 기다린 뒤 파티션을 나눕니다.

1초 이하이면 두 시간이 같아집니다. 그러면 기다리던 컨슈머를 나누기 직전에 내보내고 답하지 않을 때가
있고, 컨슈머는 그 답을 계속 기다립니다.
"""


class Log:
    """테스트 하나만 쓰는 토픽입니다. 예제의 환경 변수도 이 토픽을 가리킵니다."""

    def __init__(self, servers: str) -> None:
        self.servers = servers
        self.topic = f"users-{uuid4()}"

    def write(self, *values: str, key: str) -> None:
        producer = Producer({"bootstrap.servers": self.servers})
        for value in values:
            producer.produce(self.topic, value, key)
        assert producer.flush(10) == 0

    def read(self, topic: str) -> Iterator[Message]:
        """토픽을 처음부터 읽습니다."""
        config = {"bootstrap.servers": self.servers, "group.id": f"test-{uuid4()}"}
        with closing(Consumer({**config, "auto.offset.reset": "earliest"})) as consumer:
            consumer.assign([TopicPartition(topic, partition, 0) for partition in PARTITIONS])
            while True:
                message = consumer.poll(10)
                assert message is not None, f"{topic}에 더 읽을 것이 없습니다"
                yield message

    def committed(self, group: str = "coupon") -> int:
        """그룹이 끝냈다고 적은 메시지의 수입니다."""
        with closing(Consumer({"bootstrap.servers": self.servers, "group.id": group})) as consumer:
            partitions = [TopicPartition(self.topic, partition) for partition in PARTITIONS]
            return sum(max(part.offset, 0) for part in consumer.committed(partitions, timeout=10))

    def length(self) -> int:
        """로그에 적혀 있는 메시지의 수입니다."""
        with closing(Consumer({"bootstrap.servers": self.servers, "group.id": "test"})) as consumer:
            partitions = [TopicPartition(self.topic, partition) for partition in PARTITIONS]
            return sum(consumer.get_watermark_offsets(part, timeout=10)[1] for part in partitions)


def use(broker: EmbeddedKafka, monkeypatch: pytest.MonkeyPatch) -> Log:
    log = Log(broker.servers)
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", log.servers)
    monkeypatch.setenv("KAFKA_SESSION_TIMEOUT_MS", SESSION_TIMEOUT_MS)
    monkeypatch.setenv("USER_CREATED_TOPIC", log.topic)
    return log


@pytest.fixture
def log(embedded_kafka: EmbeddedKafka, monkeypatch: pytest.MonkeyPatch) -> Log:
    return use(embedded_kafka, monkeypatch)


def sign_up(server: WebServer, email: str = "user@example.com") -> str:
    answer = server.client.post("/users/", json={"name": "김하나", "email": email})
    assert answer.status_code == 202, answer.text
    assert answer.json()["message"] == "가입 이벤트를 적었습니다"
    user_id: str = answer.json()["user_id"]
    return user_id


def try_to_sign_up(server: WebServer) -> str:
    answer = server.client.post("/users/", json={"name": "김하나", "email": "user@example.com"})
    user_id: str = answer.json().get("user_id", "")
    return user_id


def state_of(server: WebServer, user_id: str) -> dict[str, Any]:
    answer = server.client.get(f"/users/{user_id}")
    body: dict[str, Any] = answer.json() if answer.status_code == 200 else {"coupon": None}
    return body


def wait_for_coupon(server: WebServer, user_id: str) -> dict[str, Any]:
    wait_until(lambda: state_of(server, user_id)["coupon"] == "완료", "쿠폰 발급")
    return state_of(server, user_id)


def issued_by(*consumers: Script) -> list[str]:
    """컨슈머가 쿠폰을 발급한 주소입니다."""
    lines = [line for consumer in consumers for line in consumer.lines]
    return sorted(line.split()[-1] for line in lines if line.startswith("환영 쿠폰 발급 완료:"))


def event(email: str = "user@example.com") -> str:
    fields = {"type": "user.created", "event_id": str(uuid4()), "user_id": str(uuid4())}
    return json.dumps({**fields, "name": "김하나", "email": email})


@pytest.mark.measured
def test_an_event_waits_in_the_log_until_a_consumer_reads_it_and_then_commits(
    serve: Serve, start_consumer: StartConsumer, log: Log
) -> None:
    server = serve(MAIN)
    user_id = sign_up(server)
    answer = server.client.get(f"/users/{user_id}")
    assert answer.status_code == 404
    assert "컨슈머가 아직 이벤트를 읽지 않았습니다" in answer.json()["detail"]

    consumer = start_consumer(CONSUMER, {"COUPON_SECONDS": "1.5"})
    wait_until(lambda: state_of(server, user_id)["coupon"] == "처리 중", "처리 중")
    assert log.committed() == 0
    body = wait_for_coupon(server, user_id)

    assert body == {
        "user_id": user_id,
        "email": "user@example.com",
        "coupon": "완료",
        "deliveries": 1,
    }
    wait_until(lambda: log.committed() == 1, "커밋")
    assert consumer.terminate() == 0


@pytest.mark.measured
def test_a_consumer_told_to_stop_finishes_its_event_and_commits_it(
    serve: Serve, start_consumer: StartConsumer, log: Log
) -> None:
    server = serve(MAIN)
    consumer = start_consumer(CONSUMER, {"COUPON_SECONDS": "0.5"})
    consumer.wait_for_line("브로커의 알림:")  # 토픽은 첫 이벤트를 적을 때 생깁니다.
    user_id = sign_up(server)
    wait_until(lambda: state_of(server, user_id)["coupon"] == "처리 중", "처리 중")

    consumer.send_signal(signal.SIGTERM)

    assert consumer.wait() == 0
    assert state_of(server, user_id)["coupon"] == "완료"
    assert log.committed() == 1


def test_a_new_group_replays_the_log_from_the_beginning_and_issues_nothing_twice(
    serve: Serve, start_consumer: StartConsumer, log: Log, working_directory: Path
) -> None:
    log.write(*[event(f"user{n}@example.com") for n in range(3)], key="a")
    first = start_consumer(CONSUMER, FAST)
    wait_until(lambda: len(issued_by(first)) == 3, "쿠폰 세 장")

    again = start_consumer(CONSUMER, FAST, ["--group", "again"])
    rebuild = start_consumer(CONSUMER, FAST, ["--group", "rebuild", "--database", "rebuilt.db"])

    wait_until(lambda: again.output.count("이미 발급한 쿠폰입니다") == 3, "다시 읽은 이벤트 셋")
    wait_until(lambda: issued_by(rebuild) == issued_by(first), "새로 만든 상태")
    assert issued_by(again) == []


@pytest.mark.whole
def test_a_killed_consumer_loses_nothing_and_the_other_takes_over_its_partitions(
    serve: Serve, start_consumer: StartConsumer, log: Log
) -> None:
    server = serve(MAIN)
    users = {sign_up(server): "user@example.com"}
    survivor = start_consumer(CONSUMER, FAST)
    survivor.wait_for_line("맡은 파티션: [0, 1, 2, 3]")
    # 커밋하기 전에 파티션을 넘기면, victim이 이미 끝난 이벤트를 다시 받습니다.
    wait_until(lambda: log.committed() == len(users), "첫 커밋")
    victim = start_consumer(CONSUMER, {"COUPON_SECONDS": "30"})
    partitions = json.loads(victim.wait_for_line("맡은 파티션:").partition(": ")[2])
    assert len(partitions) == 2

    # 파티션은 키로 정해집니다. 스물이 모두 survivor의 파티션으로 갈 확률은 백만분의 일입니다.
    for number in range(1, 21):
        email = f"user{number}@example.com"
        users[sign_up(server, email)] = email

    # survivor가 한순간 처리 중인 이벤트와 섞이지 않도록, victim이 받았다고 말한 것을 고릅니다.
    interrupted = victim.wait_for_line("받았습니다:").split()[-1]
    interrupted_user = next(user_id for user_id in users if users[user_id] == interrupted)
    wait_until(lambda: state_of(server, interrupted_user)["coupon"] == "처리 중", "처리 중")
    victim.kill()

    assert wait_for_coupon(server, interrupted_user)["deliveries"] == 2
    for user_id in users:
        wait_for_coupon(server, user_id)
    wait_until(lambda: issued_by(survivor) == sorted(users.values()), "쿠폰은 한 장씩")
    wait_until(lambda: log.committed() == len(users), "커밋")


@pytest.mark.measured
def test_a_consumer_that_was_taken_for_dead_cannot_commit_and_issues_no_second_coupon(
    serve: Serve, start_consumer: StartConsumer, log: Log
) -> None:
    server = serve(MAIN)
    zombie = start_consumer(CONSUMER, {"COUPON_SECONDS": "1"})
    user_id = sign_up(server)
    wait_until(lambda: state_of(server, user_id)["coupon"] == "처리 중", "처리 중")
    zombie.freeze()
    other = start_consumer(CONSUMER, FAST)
    assert wait_for_coupon(server, user_id)["deliveries"] == 2
    wait_until(lambda: log.committed() == 1, "커밋")
    zombie.thaw()

    zombie.wait_for_line("이미 발급한 쿠폰입니다")
    zombie.wait_for_line("커밋하지 못했습니다")
    assert issued_by(zombie, other) == ["user@example.com"]


@pytest.mark.measured
def test_a_poison_message_is_moved_aside_and_a_duplicate_changes_nothing(
    start_consumer: StartConsumer, log: Log
) -> None:
    first, last = event("first@example.com"), event("last@example.com")
    log.write(first, "{", first, last, key="same")

    consumer = start_consumer(CONSUMER, FAST)

    consumer.wait_for_line("환영 쿠폰 발급 완료: last@example.com")
    shown = [line for line in consumer.lines if "쿠폰" in line or "옮겼습니다" in line]
    assert [line.partition(":")[0] for line in shown] == [
        "환영 쿠폰 발급 완료",
        f"읽을 수 없는 메시지를 {log.topic}.dead에 옮겼습니다",
        "이미 발급한 쿠폰입니다",
        "환영 쿠폰 발급 완료",
    ]
    wait_until(lambda: log.committed() == 4, "커밋")
    dead = next(log.read(f"{log.topic}.dead"))
    headers: dict[str, Any] = dict(dead.headers() or [])
    assert (dead.value(), dead.key()) == (b"{", b"same")
    assert b"Invalid JSON" in headers["reason"]
    assert headers["source"].startswith(log.topic.encode())


def test_an_event_given_twice_issues_one_coupon(
    load: Load, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    consumer = load("07_kafka/consumer")
    monkeypatch.setattr(consumer, "COUPON_SECONDS", 0)
    created = consumer.UserCreated(name="김하나", email="user@example.com")

    with closing(consumer.Database()) as database:
        for _ in range(2):
            consumer.give_coupon(created, database)

    printed = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in printed] == [
        "받았습니다",
        "환영 쿠폰 발급 완료",
        "받았습니다",
        "이미 발급한 쿠폰입니다",
    ]


def test_a_dead_letter_that_was_not_written_is_an_error_not_a_commit(load: Load) -> None:
    letters = load("07_kafka/dead_letters")

    with pytest.raises(KafkaException):
        letters.raise_if_failed(KafkaError(KafkaError._MSG_TIMED_OUT), None)


def test_events_with_the_same_key_stay_in_order_in_one_partition(log: Log) -> None:
    for number in range(4):
        log.write(f"a{number}", key="a")
        log.write(f"b{number}", key="b")

    messages = list(islice(log.read(log.topic), 8))

    for key in (b"a", b"b"):
        own = [message for message in messages if message.key() == key]
        assert len({message.partition() for message in own}) == 1
        assert [message.value() for message in own] == [key + b"%d" % n for n in range(4)]


def test_the_key_of_an_event_is_the_id_of_the_user(serve: Serve, log: Log) -> None:
    user_id = sign_up(serve(MAIN))

    message = next(log.read(log.topic))
    assert (message.key() or b"").decode() == user_id
    assert json.loads(message.value() or b"")["user_id"] == user_id


def assert_fast_503(server: WebServer, email: str = "user@example.com") -> None:
    started = time.monotonic()
    answer = server.client.post("/users/", json={"name": "김하나", "email": email})
    seconds = time.monotonic() - started

    assert answer.status_code == 503
    assert "가입 이벤트를 적지 못했습니다" in answer.json()["detail"]
    assert answer.headers["Retry-After"] == "5"
    assert seconds < 3


def fastest_delivery(log: Log, config: dict[str, int]) -> float:
    """이벤트를 하나씩 적고 확인을 기다릴 때 가장 짧게 걸린 시간(초)입니다."""
    producer = Producer({"bootstrap.servers": log.servers, "acks": "all", **config})
    confirmed: list[float] = []
    times = []
    for _ in range(20):
        start = time.perf_counter()
        producer.produce(
            log.topic, event(), on_delivery=lambda *_: confirmed.append(time.perf_counter())
        )
        # flush()는 linger.ms를 기다리지 않고 보냅니다.
        assert producer.poll(10) == 1
        times.append(confirmed[-1] - start)
    return min(times)


def test_a_producer_waits_for_company_unless_linger_is_zero(log: Log) -> None:
    assert fastest_delivery(log, {"linger.ms": 50}) >= 0.05
    assert fastest_delivery(log, {"linger.ms": 0}) < fastest_delivery(log, {})


@pytest.fixture
def own_kafka(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[EmbeddedKafka]:
    """이 테스트에서만 멈추고 얼리는 브로커입니다."""
    broker = EmbeddedKafka(tmp_path_factory.mktemp("kafka"))
    use(broker, monkeypatch)
    yield broker
    broker.stop()


@pytest.mark.measured
def test_the_app_starts_without_a_broker_answers_503_and_serves_once_it_is_there(
    serve: Serve, start_consumer: StartConsumer, own_kafka: EmbeddedKafka
) -> None:
    own_kafka.stop()
    server = serve(MAIN)
    start_consumer(CONSUMER, FAST)
    assert_fast_503(server)

    own_kafka.start()

    wait_for_coupon(server, wait_until(lambda: try_to_sign_up(server), "다시 받은 요청"))


@pytest.mark.whole
def test_a_frozen_broker_is_503_though_the_event_may_be_written_after_the_thaw(
    serve: Serve, start_consumer: StartConsumer, own_kafka: EmbeddedKafka
) -> None:
    server = serve(MAIN)
    consumer = start_consumer(CONSUMER, FAST)
    wait_for_coupon(server, sign_up(server))
    own_kafka.process.freeze()
    assert_fast_503(server, "late@example.com")
    own_kafka.process.thaw()

    wait_for_coupon(server, wait_until(lambda: try_to_sign_up(server), "다시 받은 요청"))
    wait_until(lambda: "late@example.com" in issued_by(consumer), "503으로 답한 이벤트")


@pytest.mark.whole
def test_a_restarted_broker_has_forgotten_every_event_and_both_go_on(
    serve: Serve,
    start_consumer: StartConsumer,
    own_kafka: EmbeddedKafka,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log = use(own_kafka, monkeypatch)
    server = serve(MAIN)
    consumer = start_consumer(CONSUMER, FAST)
    wait_for_coupon(server, sign_up(server, "before@example.com"))
    own_kafka.stop()
    assert_fast_503(server, "lost@example.com")
    own_kafka.start()

    wait_for_coupon(server, wait_until(lambda: try_to_sign_up(server), "다시 받은 요청"))
    assert log.length() == 1
    assert issued_by(consumer) == ["before@example.com", "user@example.com"]


def test_a_silent_broker_is_503_within_three_seconds(
    serve: Serve, silent_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", f"127.0.0.1:{silent_port}")

    assert_fast_503(serve(MAIN))


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[]", b'{"name": "", "email": "a@example.com"}'])
def test_an_invalid_body_is_refused_in_korean(load: Load, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    answer = TestClient(load(MAIN).app).post("/users/", content=body, headers=headers)

    assert answer.status_code == 422
    assert "이름과 이메일 주소를 보내세요" in answer.json()["detail"][0]["msg"]
