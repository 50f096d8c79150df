"""Kafka 프로토콜을 쓰는 연습용 브로커입니다. `python -m lab.embedded_kafka 포트`로 실행합니다.

confluent-kafka 패키지에 든 C 라이브러리(librdkafka)의 모의 클러스터를 켭니다. 다른 프로세스의
클라이언트도 Kafka 프로토콜로 연결합니다. 모의 클러스터는 포트를 고를 수 없으므로, 정한 포트로 온
연결을 넘겨줍니다. 그래야 멈췄다가 다시 켠 브로커를 클라이언트가 같은 주소에서 찾습니다.
로그와 커밋은 메모리에만 있지만, 토픽의 이름은 지금 디렉터리의 파일에 남겨 다시 만듭니다.
"""

import asyncio
import ctypes
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import confluent_kafka
from confluent_kafka import KafkaException, Producer, cimpl

TOPICS = Path("topics.txt")
WATCH_SECONDS = 0.3
PARTITIONS = 4
"""토픽마다 만드는 파티션의 수입니다. 모의 클러스터의 기본값과 같습니다."""
PRODUCER = 0
BROKER = 1
LOG_ERRORS = b"3"
CHUNK = 65536


def load_library() -> ctypes.CDLL:
    """confluent-kafka 휠에 든 librdkafka입니다. 휠이 아니면 확장 모듈이 쓰는 것입니다."""
    package = Path(confluent_kafka.__file__).parent
    bundled = [
        *package.parent.glob("confluent_kafka.libs/librdkafka*"),  # Linux, Windows
        *package.glob(".dylibs/librdkafka*"),  # macOS
    ]
    library = ctypes.CDLL(str(bundled[0] if bundled else cimpl.__file__))
    library.rd_kafka_conf_new.restype = ctypes.c_void_p
    library.rd_kafka_new.restype = ctypes.c_void_p
    library.rd_kafka_mock_cluster_new.restype = ctypes.c_void_p
    library.rd_kafka_mock_cluster_bootstraps.restype = ctypes.c_char_p
    return library


def start_cluster(port: int) -> int:
    """모의 클러스터를 켜고 그 포트를 돌려줍니다. 클라이언트에는 `port`로 오라고 알립니다."""
    library = load_library()
    config = ctypes.c_void_p(library.rd_kafka_conf_new())
    library.rd_kafka_conf_set(config, b"log_level", LOG_ERRORS, None, 0)
    handle = ctypes.c_void_p(library.rd_kafka_new(PRODUCER, config, None, 0))
    cluster = ctypes.c_void_p(library.rd_kafka_mock_cluster_new(handle, 1))
    library.rd_kafka_mock_broker_set_host_port(cluster, BROKER, b"127.0.0.1", port)
    # 그룹에 처음 들어올 때 다른 컨슈머를 3초 기다리는 기본값은 실습에 너무 깁니다.
    library.rd_kafka_mock_group_initial_rebalance_delay_ms(cluster, 0)
    for topic in TOPICS.read_text().split() if TOPICS.exists() else []:
        library.rd_kafka_mock_topic_create(cluster, topic.encode(), PARTITIONS, 1)
    address: bytes = library.rd_kafka_mock_cluster_bootstraps(cluster)
    return int(address.rpartition(b":")[2])


def watch_topics(port: int) -> None:
    """토픽이 새로 생기면 이름을 파일에 적습니다. 돌아오지 않습니다."""
    client = Producer({"bootstrap.servers": f"127.0.0.1:{port}"})
    known: set[str] = set()
    while True:
        with suppress(KafkaException):
            topics = set(client.list_topics(timeout=5).topics)
            if topics != known:
                TOPICS.write_text("\n".join(topics))
                known = topics
        time.sleep(WATCH_SECONDS)


async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """끊길 때까지 받은 것을 그대로 넘깁니다."""
    with suppress(OSError):
        while chunk := await reader.read(CHUNK):
            writer.write(chunk)
            await writer.drain()
    writer.close()


async def serve(port: int) -> None:
    """`port`로 온 연결을 모의 클러스터에 넘깁니다. 취소될 때까지 돌아오지 않습니다."""
    inner = start_cluster(port)
    threading.Thread(target=watch_topics, args=(port,), daemon=True).start()

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream, downstream = await asyncio.open_connection("127.0.0.1", inner)
        await asyncio.gather(copy(reader, downstream), copy(upstream, writer))

    server = await asyncio.start_server(forward, "127.0.0.1", port)
    print(f"Kafka 프로토콜을 쓰는 연습용 브로커입니다: 127.0.0.1:{port}")
    print("메모리에만 적으므로, 다시 시작하면 이벤트와 커밋이 모두 사라집니다.")
    async with server:
        await server.serve_forever()


def main() -> None:
    """포트를 인자로 받아 브로커를 실행합니다."""
    try:
        asyncio.run(serve(int(sys.argv[1])))
    except KeyboardInterrupt:
        return
    except OSError as error:
        sys.exit(f"{sys.argv[1]}번 포트에서 브로커를 시작하지 못했습니다: {error}")


if __name__ == "__main__":
    main()
