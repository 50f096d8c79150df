"""05_async: 비동기 태스크의 동시 실행 수, 시간 제한, 종료."""

import asyncio
import signal

import pytest
from fastapi.testclient import TestClient

from conftest import Load, Serve
from harness.asgi import record

DONE = "이메일 전송 완료: user@example.com, 메시지: 중요한 알림입니다"


def test_the_response_leaves_before_the_mail_is_sent(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMAIL_SECONDS", "0")
    main = load("05_async/main")
    events: list[str] = []
    monkeypatch.setattr(main, "print", events.append, raising=False)

    asyncio.run(record(main.app, "/send-email/user@example.com", events=events))

    assert events == ["http.response.start", "http.response.body", DONE]


def test_the_answer_and_the_printed_text_are_those_of_the_guide(
    load: Load, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EMAIL_SECONDS", "0")

    response = TestClient(load("05_async/main").app).post("/send-email/user@example.com")

    assert response.status_code == 200
    assert response.json() == {"message": "이메일이 백그라운드에서 전송됩니다"}
    assert capsys.readouterr().out == f"{DONE}\n"


def test_a_mail_takes_ten_seconds_unless_the_environment_says_otherwise(load: Load) -> None:
    assert load("05_async/main").EMAIL_SECONDS == 10


def test_while_mails_are_sent_other_requests_are_answered(serve: Serve) -> None:
    server = serve("05_async/main", {"EMAIL_SECONDS": "30"})

    for number in range(20):
        answer = server.client.post(f"/send-email/user{number}@example.com")
        assert answer.status_code == 200

    assert "이메일 전송 완료" not in server.output
    server.kill()


def test_no_more_mails_than_the_limit_are_sent_at_once(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMAIL_CONCURRENCY", "2")
    main = load("05_async/main")
    one_turn = asyncio.sleep

    async def send_five() -> list[int]:
        gate = asyncio.Event()
        sending: list[float] = []

        async def wait_at_the_gate(seconds: float) -> None:
            sending.append(seconds)
            await gate.wait()
            sending.pop()

        monkeypatch.setattr(main.asyncio, "sleep", wait_at_the_gate)
        async with asyncio.TaskGroup() as group:
            for number in range(5):
                group.create_task(main.send_email_async(f"user{number}@example.com", "알림"))
            for _ in range(20):  # 시작할 수 있는 태스크가 모두 시작할 만큼 차례를 넘깁니다.
                await one_turn(0)
            at_once = len(sending)
            gate.set()
        return [at_once, len(sending)]

    assert asyncio.run(send_five()) == [2, 0]


@pytest.mark.measured
def test_a_mail_that_takes_too_long_is_given_up_and_frees_its_place(serve: Serve) -> None:
    server = serve(
        "05_async/main", {"EMAIL_SECONDS": "30", "EMAIL_TIMEOUT": "0.2", "EMAIL_CONCURRENCY": "1"}
    )

    server.client.post("/send-email/first@example.com")
    server.client.post("/send-email/second@example.com")

    server.wait_for_line("이메일 시간 초과: first@example.com, 0.2초 안에 보내지 못했습니다")
    server.wait_for_line("이메일 시간 초과: second@example.com")


def test_the_time_limit_of_a_mail_starts_when_it_gets_its_place(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMAIL_CONCURRENCY", "1")
    monkeypatch.setenv("EMAIL_SECONDS", "0")
    main = load("05_async/main")
    start_timeout = asyncio.timeout
    place_taken: list[bool] = []

    def look_and_start(seconds: float) -> asyncio.Timeout:
        place_taken.append(main.email_slots.locked())
        return start_timeout(seconds)

    monkeypatch.setattr(main.asyncio, "timeout", look_and_start)
    asyncio.run(main.send_email_async("user@example.com", "알림"))

    assert place_taken == [True]


def test_at_shutdown_the_server_waits_for_the_mail(serve: Serve) -> None:
    server = serve("05_async/main", {"EMAIL_SECONDS": "1"})
    server.client.post("/send-email/user@example.com")

    server.send_signal(signal.SIGTERM)
    server.wait()

    assert DONE in server.output


@pytest.mark.measured
def test_after_the_grace_period_the_mail_is_cancelled_and_says_so(serve: Serve) -> None:
    server = serve("05_async/main", {"EMAIL_SECONDS": "60"}, ["--timeout-graceful-shutdown", "1"])
    server.client.post("/send-email/user@example.com")

    server.send_signal(signal.SIGTERM)
    server.wait()

    assert "이메일 전송 취소: user@example.com, 서버가 종료됩니다" in server.output
    # 예제가 삼키지 않고 다시 던져야 uvicorn이 압니다.
    assert "CancelledError: Task cancelled, timeout graceful shutdown exceeded" in server.output
    assert "이메일 전송 완료" not in server.output


@pytest.mark.parametrize("address", ["not-an-address", "a%0Ab@example.com"])
def test_what_is_not_an_address_is_refused_in_korean(load: Load, address: str) -> None:
    response = TestClient(load("05_async/main").app).post(f"/send-email/{address}")

    assert response.status_code == 422
    assert "이메일 주소 형식이 아닙니다" in response.json()["detail"][0]["msg"]
