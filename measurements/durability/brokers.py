"""브로커를 들여다보는 법: 어느 버전인지, 무엇이 기다리는지, 실행되지 않고 무엇이 남았는지."""

import base64
import json
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import confluent_kafka
from amqp.exceptions import NotFound
from confluent_kafka import Consumer, TopicPartition
from kombu import Connection, Queue
from redis import Redis
from rq.job import Job, JobStatus

UNFINISHED = {
    JobStatus.QUEUED,
    JobStatus.STARTED,
    JobStatus.FAILED,
    JobStatus.SCHEDULED,
    JobStatus.DEFERRED,
}
KAFKA_TOPIC = "user.created"
KAFKA_GROUP = "coupon"
KAFKA_SECONDS = 10
QUEUES = ("celery", "queued", "log")
"""살아 있는 워커가 곧 꺼낼 곳입니다. 나머지는 시간이 지나거나 사람이 보아야 합니다."""
Left = dict[int, str]
"""태스크의 번호와, 남아 있는 곳입니다."""


@dataclass(frozen=True)
class Broker:
    """브로커 하나입니다. 함수의 인자는 모두 브로커의 주소입니다."""

    variable: str
    """주소를 주는 환경 변수입니다."""
    folder: str | None
    """데이터를 적는 폴더입니다. 메모리에만 적으면 None입니다."""
    version: Callable[[str], str]
    pending: Callable[[str], Counter[str]]
    """곳마다 남은 메시지의 수입니다. Kafka에서는 다 읽지 않은 파티션의 수입니다.

    여러 번 물어도 브로커를 건드리지 않습니다."""
    left: Callable[[str], Left]
    """남은 태스크입니다. 꺼내어 볼 수도 있으므로 마지막에 한 번만 부릅니다."""
    prepare: Callable[[str], object] = lambda url: None
    """시작한 브로커의 설정을 바꿉니다."""


def number_of(argument: Any) -> int:
    """태스크의 첫 인자(번호, 또는 번호가 든 사전)에서 번호를 꺼냅니다."""
    return int(argument["number"] if isinstance(argument, dict) else argument)


def redis_version(url: str) -> str:
    """Redis 호환 서버의 이름과 버전입니다."""
    with Redis.from_url(url, decode_responses=True) as redis:
        server: Any = redis.info("server")
    if "valkey_version" in server:
        return f"Valkey {server['valkey_version']}"
    return f"Redis {server['redis_version']}"


def left_by_celery_on_redis(url: str) -> Left:
    """큐(celery)에 있는 것과, 워커가 가져가고 확인 응답을 하지 않은 것(unacked)입니다."""
    with Redis.from_url(url, decode_responses=True) as redis:
        waiting: Any = redis.lrange("celery", 0, -1)
        taken: Any = redis.hvals("unacked")
    found = [("celery", json.loads(message)) for message in waiting]
    found += [("unacked", json.loads(message)[0]) for message in taken]
    bodies = ((where, base64.b64decode(message["body"])) for where, message in found)
    return {number_of(json.loads(body)[0][0]): where for where, body in bodies}


def failed_in_celery(url: str, ids: Mapping[int, str]) -> dict[int, str]:
    """결과 백엔드에 FAILURE로 적힌 태스크의 번호와, 그 예외의 이름입니다."""
    with Redis.from_url(url, decode_responses=True) as redis:
        metas = [(number, redis.get(f"celery-task-meta-{id}")) for number, id in ids.items()]
    found = {number: json.loads(str(meta)) for number, meta in metas if meta}
    return {
        number: meta["result"]["exc_type"]
        for number, meta in found.items()
        if meta["status"] == "FAILURE"
    }


def left_by_rq(serializer: Any) -> Callable[[str], Left]:
    """끝나지 않은 RQ의 태스크입니다. 남아 있는 곳은 RQ의 상태 이름으로 적습니다."""

    def left(url: str) -> Left:
        with Redis.from_url(url) as redis:
            keys = [key.removeprefix(b"rq:job:") for key in redis.scan_iter("rq:job:*", 1000)]
            jobs = Job.fetch_many([key.decode() for key in keys], redis, serializer)
            return {
                number_of(job.args[0]): str(status.value)
                for job in jobs
                if job and (status := job.get_status(refresh=False)) in UNFINISHED
            }

    return left


def rabbitmq_version(url: str) -> str:
    """RabbitMQ의 버전입니다."""
    with Connection(url) as connection:
        transport: Any = connection.connection
        return f"RabbitMQ {transport.server_properties['version']}"


def pending_in_rabbitmq(url: str) -> Counter[str]:
    """celery 큐에서 기다리는 메시지의 수입니다. 워커가 쥐고 있는 것은 보이지 않습니다."""
    with Connection(url) as connection:
        queue: Any = Queue("celery", channel=connection.default_channel)
        try:
            return Counter(celery=int(queue.queue_declare(passive=True).message_count))
        except NotFound:  # 데이터를 지운 브로커에는 워커가 돌아올 때까지 큐가 없습니다.
            return Counter()


def left_in_rabbitmq(url: str) -> Left:
    """celery와 celery.dead 큐에 있는 것입니다. 꺼내어 보므로 큐가 빕니다."""
    found: Left = {}
    with Connection(url) as connection:
        for name in ("celery", "celery.dead"):
            queue: Any = Queue(name, channel=connection.channel())
            with suppress(NotFound):
                while message := queue.get(no_ack=True):
                    found[number_of(json.loads(message.body)[0][0])] = name
    return found


def kafka_version(url: str) -> str:
    """연습용 브로커를 켜는 라이브러리의 버전입니다."""
    return f"연습용 Kafka, librdkafka {confluent_kafka.libversion()[0]}"


def behind_in_kafka(url: str) -> list[TopicPartition]:
    """파티션마다 그룹이 커밋한 자리입니다. 그 뒤에 남은 것이 있는 파티션만 돌려줍니다."""
    consumer = Consumer({"bootstrap.servers": url, "group.id": KAFKA_GROUP})
    try:
        topic = consumer.list_topics(KAFKA_TOPIC, timeout=KAFKA_SECONDS).topics[KAFKA_TOPIC]
        partitions = [TopicPartition(KAFKA_TOPIC, number) for number in topic.partitions]
        behind = []
        for committed in consumer.committed(partitions, timeout=KAFKA_SECONDS):
            _, end = consumer.get_watermark_offsets(committed, timeout=KAFKA_SECONDS)
            offset = max(committed.offset, 0)
            if offset < end:
                behind.append(TopicPartition(KAFKA_TOPIC, committed.partition, offset))
        return behind
    finally:
        consumer.close()


def left_in_kafka(url: str) -> Left:
    """커밋한 자리의 뒤에 있는 이벤트입니다."""
    found: Left = {}
    behind = behind_in_kafka(url)
    if not behind:
        return found
    consumer = Consumer({"bootstrap.servers": url, "group.id": KAFKA_GROUP})
    try:
        consumer.assign(behind)
        while (message := consumer.poll(2)) is not None:
            if not message.error():
                found[int(json.loads(message.value() or b"{}")["name"])] = "log"
    finally:
        consumer.close()
    return found


def redis(left: Callable[[str], Left]) -> Broker:
    """Redis 호환 서버입니다. `left`는 큐를 쓰는 라이브러리에 맞는 것입니다."""
    data = "appendonlydir"
    return Broker("REDIS_URL", data, redis_version, lambda url: Counter(left(url).values()), left)


def sync_every_write(url: str) -> None:
    """쓸 때마다 디스크까지 적은 다음에 답하게 합니다. 기본값은 1초마다(everysec)입니다."""
    with Redis.from_url(url) as redis:
        redis.config_set("appendfsync", "always")


CELERY_REDIS = redis(left_by_celery_on_redis)
CELERY_REDIS_SYNCED = replace(CELERY_REDIS, prepare=sync_every_write)
RQ_REDIS = redis(left_by_rq(None))
RQ_REDIS_SYNCED = replace(redis(left_by_rq("json")), prepare=sync_every_write)
RABBITMQ = Broker(
    "RABBITMQ_URL", "rabbitmq", rabbitmq_version, pending_in_rabbitmq, left_in_rabbitmq
)
KAFKA = Broker(
    "KAFKA_BOOTSTRAP_SERVERS",
    None,
    kafka_version,
    lambda url: Counter(log=len(behind_in_kafka(url))),
    left_in_kafka,
)
