"""실패하는 주문과 읽을 수 없는 메시지를 적어 두고, 컨슈머가 무엇을 남기는지 봅니다.

2번을 다시 처리하는 순간에 컨슈머를 한 번 죽여, 그때의 커밋을 봅니다. orders.dead에 적는 것은
브로커에 늦게 닿게 하여, 적혔다는 확인을 기다린 다음에 커밋하는지 봅니다.
`python grader.py 포트`는 그런 브로커를 실행합니다.
"""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from confluent_kafka import Consumer, Producer, TopicPartition

from lab import embedded_kafka
from lab.checking import Answer, Process, Short, happens, wait_until
from lab.checking.services import Broker

TOPIC, DEAD_TOPIC, GROUP = "orders", "orders.dead", "stock"
ORDERS = ('{"number": 1}', '{"number": 2}', "번호: 3", '{"number": 4}')
UNREADABLE = ORDERS[2].encode()
READ = "번 자리를 읽었습니다"
SECOND, LAST = f"1{READ}", f"3{READ}"
STUCK = 12
"""읽은 횟수가 이보다 많으면 앞으로 나아가지 못하는 것입니다."""
LATE_SECONDS = 0.7
"""orders.dead에 적어 달라는 요청이 브로커에 늦게 닿는 시간(초)입니다."""
WAIT_SECONDS = 25.0
PRODUCE = b"\0\0"
CHUNK = 65536


def grade(answer: Answer) -> None:
    reserved = answer.folder / "reserved.txt"
    with (
        slow_kafka(answer) as broker,
        closing(Consumer(settings(broker.url))) as reader,
    ):
        consumer = answer.process("python", "answer.py", KAFKA_BOOTSTRAP_SERVERS=broker.url)
        write(broker.url, ORDERS[:1])
        with consumer:
            wait_for("1", consumer, reserved)
            happens(lambda: committed(reader) >= 1, 5)
            with unwritable(reserved):
                write(broker.url, ORDERS[1:])
                check_the_failure(consumer, reader)
                consumer.kill()
        with consumer:
            unsure = watch_the_commit(consumer, reader)
            wait_for_the_last(consumer, reserved)
            happens(lambda: committed(reader) >= len(ORDERS), 10)
            happens(lambda: count(reader, DEAD_TOPIC), LATE_SECONDS * 2)
            check_the_print(consumer)
            check(lines(reserved), messages(reader, DEAD_TOPIC), reader)
            check_it_was_sure(unsure)


def settings(servers: str) -> dict[str, str | bool]:
    return {"bootstrap.servers": servers, "group.id": GROUP, "enable.auto.commit": False}


def write(servers: str, orders: tuple[str, ...]) -> None:
    with Producer({"bootstrap.servers": servers}) as producer:
        for order in orders:
            producer.produce(TOPIC, order, partition=0)


@contextmanager
def unwritable(reserved: Path) -> Iterator[None]:
    """reserved.txt에 적는 컨슈머를 그 자리에 붙잡아 둡니다. 붙잡을 수 없으면 오류가 납니다."""
    kept = reserved.read_bytes() if reserved.exists() else b""
    reserved.unlink(missing_ok=True)
    if sys.platform == "win32":
        reserved.mkdir()
    else:
        os.mkfifo(reserved)  # 읽는 쪽이 없으면 여는 데서 기다립니다.
    yield
    if reserved.is_dir():
        reserved.rmdir()
    else:
        reserved.unlink()
    reserved.write_bytes(kept)


def check_the_failure(consumer: Process, reader: Consumer) -> None:
    """2번을 다시 처리하는 순간, 2번은 아직 커밋하지 않았습니다."""

    def tried_again() -> bool:
        return consumer.output.count(SECOND) > 1 or LAST in consumer.output

    happens(lambda: tried_again() or not consumer.running, 4)
    position = committed(reader)
    if consumer.output.count(SECOND) > 1 and position > 1:
        raise Short(
            seen=f"2번 주문을 다시 읽을 때의 커밋이 이미 {position}입니다.",
            why="실패한 2번까지 끝낸 것이 됩니다. 이때 컨슈머가 죽으면 2번은 다시 오지 않습니다.",
            look="seek로 돌아가도 그 아래의 commit은 실행됩니다. 커밋을 건너뛰세요.",
        )


def watch_the_commit(consumer: Process, reader: Consumer) -> bool:
    """읽을 수 없는 메시지를 커밋한 순간, 옮겨 적은 것이 아직 없으면 참입니다."""

    def passed() -> bool:
        return committed(reader) >= 3 or not consumer.running or stuck(consumer)

    happens(passed, LATE_SECONDS + 15)
    return committed(reader) >= 3 and not count(reader, DEAD_TOPIC)


def check_the_print(consumer: Process) -> None:
    if READ not in consumer.output:
        raise Short(
            seen="컨슈머의 출력에 자리를 출력하는 줄이 나오지 않습니다.",
            why="2번을 다시 읽는 순간을 이 줄로 알아봅니다. 그때의 커밋을 보아야 합니다.",
            look="consume의 첫 print 줄을 지우거나 바꾸었다면 되돌리세요.",
        )


def check_it_was_sure(unsure: bool) -> None:
    if unsure:
        raise Short(
            seen="읽을 수 없는 메시지를 커밋한 순간, orders.dead는 아직 비어 있었습니다.",
            why="produce는 보낼 것에 넣기만 합니다. 이때 컨슈머가 죽으면 어디에도 남지 않습니다.",
            look="옮겨 적은 것이 브로커에 닿기를 기다린 다음에 커밋하세요.",
        )


def stuck(consumer: Process) -> bool:
    return consumer.output.count(READ) > STUCK


def wait_for(number: str, consumer: Process, reserved: Path) -> None:
    """주문 `number`의 재고를 잡거나, 앞으로 나아가지 못할 때까지 기다립니다."""

    def reached() -> bool:
        if not consumer.running:
            raise Short(
                seen=f"컨슈머가 끝났습니다(종료 코드 {consumer.returncode}).",
                why="다시 켜도 같은 메시지에서 또 끝나고, 뒤의 주문은 모두 기다립니다.",
                look="잡지 않은 예외가 무엇인지 보세요.",
            )
        return number in lines(reserved) or stuck(consumer)

    late = Short(
        seen=f"{WAIT_SECONDS:g}초가 지나도 {number}번 주문의 재고를 잡지 못했습니다.",
        why="앞의 메시지가 어떻든 뒤의 주문도 처리되어야 합니다.",
        look="컨슈머가 기다리기만 하는 줄이 있는지 보세요.",
    )
    wait_until(reached, WAIT_SECONDS, late)


def wait_for_the_last(consumer: Process, reserved: Path) -> None:
    """마지막 주문의 재고를 잡을 때까지 기다립니다."""
    wait_for("4", consumer, reserved)
    if "4" not in lines(reserved):
        raise Short(
            seen="4번 주문에 닿지 못하고 같은 자리를 되풀이해 읽습니다.",
            why="읽을 수 없는 메시지는 몇 번을 다시 읽어도 읽을 수 없습니다.",
            look="다시 하면 나아지는 예외가 어느 쪽인지 가르세요.",
        )


def check(reserved: list[str], dead: list[bytes], reader: Consumer) -> None:
    """다시 할 것은 다시 했고, 옮길 것은 옮겼습니다."""
    if count(reader, TOPIC) > len(ORDERS):
        raise Short(
            seen="실패한 2번 주문을 로그의 끝에 다시 적었습니다.",
            why="그러면 뒤에 온 4번이 먼저 처리되고, 로그를 읽는 다른 그룹은 2번을 두 번 봅니다.",
            look="로그는 그대로 두고, 읽는 위치를 되돌리세요.",
        )
    if "2" not in reserved and len(dead) > 1:
        raise Short(
            seen="한 번 답을 받지 못한 2번 주문까지 orders.dead로 옮겼습니다.",
            why="다시 하면 되는 주문입니다. 옮긴 것은 사람이 볼 때까지 처리되지 않습니다.",
            look="다시 하면 나아지는 예외가 어느 쪽인지 가르세요.",
        )
    if "2" not in reserved:
        raise Short(
            seen=f"2번 주문의 재고를 잡지 않았는데 커밋은 {committed(reader)}입니다.",
            why="커밋은 위치입니다. 4번의 커밋이 앞의 2번까지 끝난 것으로 만듭니다.",
            look="실패한 다음에 지나는 줄을 차례로 따라가 보세요.",
        )
    if UNREADABLE not in dead:
        raise Short(
            seen="읽을 수 없는 메시지를 지나갔지만 orders.dead에 없습니다.",
            why="건너뛰기만 하면 무엇을 잃었는지 알 수 없습니다.",
            look="옮겨 적는 줄이 실행되는지, 받은 값(message.value())을 그대로 적는지 보세요.",
        )
    if len(set(reserved)) < len(reserved):
        raise Short(
            seen=f"두 번 잡은 재고가 있습니다. 잡은 차례: {', '.join(reserved)}",
            why="다시 켜면 커밋한 자리부터 읽습니다. 커밋은 끝낸 메시지의 다음 자리여야 합니다.",
            look="자리를 직접 커밋한다면 message.offset()에 1을 더하세요.",
        )
    if reserved != ["1", "2", "4"]:
        raise Short(
            seen=f"재고를 잡은 차례가 {', '.join(reserved)}입니다.",
            why="1, 2, 4의 차례로 한 번씩 잡아야 합니다.",
            look="같은 메시지를 두 번 처리하거나 건너뛴 줄을 찾으세요.",
        )
    if committed(reader) < len(ORDERS):
        raise Short(
            seen=f"모두 처리했는데 커밋이 {committed(reader)}에 멈추어 있습니다.",
            why="컨슈머를 다시 켜면 끝낸 주문이 또 옵니다.",
            look="옮겨 적은 다음과 처리한 다음에 모두 커밋하는지 보세요.",
        )


def committed(reader: Consumer) -> int:
    """그룹이 다음에 읽을 자리입니다."""
    (position,) = reader.committed([TopicPartition(TOPIC, 0)], timeout=10)
    return max(position.offset, 0)


def parts_of(reader: Consumer, topic: str) -> list[TopicPartition]:
    """토픽의 파티션입니다. 오프셋은 처음을 가리킵니다. 없는 토픽이면 빈 목록입니다."""
    found = reader.list_topics(timeout=10).topics.get(topic)
    return [TopicPartition(topic, number, 0) for number in found.partitions] if found else []


def count(reader: Consumer, topic: str) -> int:
    """토픽에 적힌 메시지의 수입니다."""
    parts = parts_of(reader, topic)
    return sum(reader.get_watermark_offsets(part, timeout=10)[1] for part in parts)


def messages(reader: Consumer, topic: str) -> list[bytes]:
    """토픽에 적힌 메시지입니다."""
    total = count(reader, topic)
    reader.assign(parts_of(reader, topic))
    read = [reader.poll(10) for _ in range(total)]
    return [message.value() or b"" for message in read if message and not message.error()]


def lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []


@contextmanager
def slow_kafka(answer: Answer) -> Iterator[Broker]:
    """`answer.kafka()`와 같지만, orders.dead에 적는 것이 늦게 닿는 브로커입니다."""

    def command(port: int, _data: Path) -> list[str]:
        return [sys.executable, str(Path(__file__)), str(port)]

    data = answer.folder.parent / "kafka"
    data.mkdir(exist_ok=True)
    broker = Broker("kafka", "127.0.0.1:{port}", command, data)
    try:
        broker.start()
        yield broker
    finally:
        broker.kill()


Copy = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def copy_late(port: int) -> Copy:
    """받은 것을 그대로 넘기되, orders.dead에 적어 달라는 요청은 늦게 넘깁니다."""

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        to_broker = writer.get_extra_info("sockname")[1] != port
        with suppress(OSError):
            while chunk := await reader.read(CHUNK):
                if to_broker and chunk[4:6] == PRODUCE and DEAD_TOPIC.encode() in chunk:
                    await asyncio.sleep(LATE_SECONDS)
                writer.write(chunk)
                await writer.drain()
        writer.close()

    return copy


if __name__ == "__main__":
    setattr(embedded_kafka, "copy", copy_late(int(sys.argv[1])))  # noqa: B010
    embedded_kafka.main()
