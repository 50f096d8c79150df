"""실습 도구와 테스트가 서버에 줄 포트를 고르는 법을 확인합니다."""

import socket
import sys
from collections import deque
from contextlib import closing

import pytest

from lab import services
from lab.services import accepts, free_port


def can_be_taken(port: int) -> bool:
    """포트를 정하지 않은 프로그램에게 운영체제가 이 포트를 줄 수 있으면 참입니다."""
    with closing(socket.socket()) as other:
        try:
            other.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def answers_while_serving(port: int) -> bool:
    with closing(socket.socket()) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # 서버는 모두 이렇게 합니다.
        server.bind(("127.0.0.1", port))
        server.listen()
        return accepts(port)


@pytest.mark.skipif(sys.platform != "linux", reason="리눅스에서만 포트를 붙잡아 둡니다")
def test_a_chosen_port_is_kept_for_its_server_also_between_two_starts() -> None:
    port = free_port()

    assert not can_be_taken(port)
    assert not accepts(port)
    assert answers_while_serving(port)
    assert not can_be_taken(port)
    assert answers_while_serving(port)


@pytest.mark.skipif(sys.platform != "linux", reason="리눅스에서만 포트를 붙잡아 둡니다")
def test_only_the_last_ports_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    holders: deque[socket.socket] = deque()
    monkeypatch.setattr(services, "holders", holders)
    monkeypatch.setattr(services, "MOST_HELD", 2)
    first, *last = [free_port() for _ in range(3)]

    assert can_be_taken(first)
    assert not any(can_be_taken(port) for port in last)
    for holder in holders:
        holder.close()


def test_a_port_that_is_in_use_is_not_chosen() -> None:
    with closing(socket.socket()) as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        taken: int = server.getsockname()[1]

        assert free_port(taken) != taken
