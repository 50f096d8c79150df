"""실패하는 주문과 읽을 수 없는 메시지를 적어 두고, 컨슈머가 무엇을 남기는지 봅니다."""

from contextlib import closing
from pathlib import Path

from confluent_kafka import Consumer, Producer, TopicPartition

from lab.checking import Answer, Process, Short, happens, wait_until

TOPIC, DEAD_TOPIC, GROUP = "orders", "orders.dead", "stock"
ORDERS = ('{"number": 1}', '{"number": 2}', "번호: 3", '{"number": 4}')
UNREADABLE = ORDERS[2].encode()
READ = "번 자리를 읽었습니다"
STUCK = 12
"""읽은 횟수가 이보다 많으면 앞으로 나아가지 못하는 것입니다."""


def grade(answer: Answer) -> None:
    reserved = answer.folder / "reserved.txt"
    with answer.kafka() as broker:
        with Producer({"bootstrap.servers": broker.url}) as producer:
            for order in ORDERS:
                producer.produce(TOPIC, order, partition=0)
        with answer.process("python", "answer.py") as consumer:
            wait_for_the_last(consumer, reserved)
            config = {"bootstrap.servers": broker.url, "group.id": GROUP}
            with closing(Consumer({**config, "enable.auto.commit": False})) as reader:
                happens(lambda: committed(reader) >= len(ORDERS), 10)
                check(lines(reserved), messages(reader, DEAD_TOPIC), reader)


def wait_for_the_last(consumer: Process, reserved: Path) -> None:
    """마지막 주문의 재고를 잡을 때까지 기다립니다."""

    def reached() -> bool:
        if not consumer.running:
            raise Short(
                seen=f"컨슈머가 끝났습니다(종료 코드 {consumer.returncode}).",
                why="다시 켜도 같은 메시지에서 또 끝나고, 뒤의 주문은 모두 기다립니다.",
                look="잡지 않은 예외가 무엇인지 보세요.",
            )
        return "4" in lines(reserved) or consumer.output.count(READ) > STUCK

    late = Short(
        seen="40초가 지나도 4번 주문의 재고를 잡지 못했습니다.",
        why="앞의 메시지가 어떻든 뒤의 주문도 처리되어야 합니다.",
        look="컨슈머가 기다리기만 하는 줄이 있는지 보세요.",
    )
    wait_until(reached, 40, late)
    if "4" not in lines(reserved):
        raise Short(
            seen="4번 주문에 닿지 못하고 같은 자리를 되풀이해 읽습니다.",
            why="읽을 수 없는 메시지는 몇 번을 다시 읽어도 읽을 수 없습니다.",
            look="다시 하면 나아지는 예외가 어느 쪽인지 가르세요.",
        )


def check(reserved: list[str], dead: list[bytes], reader: Consumer) -> None:
    """다시 할 것은 다시 했고, 옮길 것은 옮겼습니다."""
    if len(messages(reader, TOPIC)) > len(ORDERS):
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
            why="커밋은 위치입니다. 그 앞의 것은 다시 오지 않습니다.",
            look="실패한 다음에 지나는 줄을 차례로 따라가 보세요.",
        )
    if UNREADABLE not in dead:
        raise Short(
            seen="읽을 수 없는 메시지를 지나갔지만 orders.dead에 없습니다.",
            why="건너뛰기만 하면 무엇을 잃었는지 알 수 없습니다.",
            look="옮겨 적는 줄이 실행되는지, 받은 값(message.value())을 그대로 적는지 보세요.",
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


def messages(reader: Consumer, topic: str) -> list[bytes]:
    """토픽에 적힌 메시지입니다. 없는 토픽이면 빈 목록입니다."""
    found = reader.list_topics(timeout=10).topics.get(topic)
    parts = [TopicPartition(topic, number, 0) for number in found.partitions] if found else []
    ends = [reader.get_watermark_offsets(part, timeout=10)[1] for part in parts]
    reader.assign(parts)
    read = [reader.poll(10) for _ in range(sum(ends))]
    return [message.value() or b"" for message in read if message and not message.error()]


def lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []
