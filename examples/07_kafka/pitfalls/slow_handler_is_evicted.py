"""함정: 처리가 max.poll.interval.ms보다 오래 걸리는 컨슈머는 그룹에서 쫓겨납니다.

증상: 처리는 끝났는데 커밋하지 못하고, 같은 메시지를 처음부터 끝없이 다시 처리합니다.

web: uvicorn slow_handler_is_evicted:app
broken: python slow_handler_is_evicted.py broken
fixed: python slow_handler_is_evicted.py fixed
"""

import os
import sys
from threading import Timer

from confluent_kafka import Consumer, KafkaException, Producer
from fastapi import FastAPI

SERVERS = {"bootstrap.servers": os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:9092")}
WORK_SECONDS = float(os.environ.get("WORK_SECONDS", "8"))
# 함정을 보려고 짧게 두었습니다. 기본값은 max.poll.interval.ms 5분, session.timeout.ms 45초입니다.
LIMIT = int(os.environ.get("MAX_POLL_INTERVAL_MS", "6000"))
LIMITS = {"max.poll.interval.ms": LIMIT, "session.timeout.ms": LIMIT}
OPTIONS = {"enable.auto.commit": False, "auto.offset.reset": "earliest"}
REFRESH = {"heartbeat.interval.ms": LIMIT // 3, "topic.metadata.refresh.interval.ms": 1000}
app = FastAPI()


@app.post("/broken")
def broken() -> None:
    with Producer(SERVERS) as producer:
        producer.produce("videos-broken", "video.mp4")


@app.post("/fixed")
def fixed() -> None:
    with Producer(SERVERS) as producer:
        producer.produce("videos-fixed", "video.mp4")


def consume(name: str) -> None:
    consumer = Consumer({**SERVERS, **OPTIONS, **LIMITS, **REFRESH, "group.id": name})
    consumer.subscribe([f"videos-{name}"])
    while True:
        if (message := consumer.poll(0.1)) and not message.error():
            work = Timer(WORK_SECONDS, print, ["변환을 끝냈습니다"])
            work.start()
            if name == "fixed":  # 새 메시지는 받지 않으면서, 살아 있다고 계속 알립니다.
                consumer.pause(consumer.assignment())
                while work.is_alive():
                    consumer.poll(0.1)
                consumer.resume(consumer.assignment())
            work.join()
            try:
                consumer.commit(message=message, asynchronous=False)
                print("커밋했습니다")
            except KafkaException as error:
                print("커밋하지 못했습니다:", error)


if __name__ == "__main__":
    consume(sys.argv[1])
