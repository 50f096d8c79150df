"""02_multiple: 태스크 둘이 등록한 차례로, 하나씩."""

import asyncio
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from conftest import Load, Serve
from harness.asgi import record
from harness.services import Mailbox


def test_both_tasks_run_after_the_response_in_the_order_they_were_added(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    main = load("02_multiple/main")
    events: list[str] = []
    monkeypatch.setattr(main, "write_log", lambda message: events.append("write_log"))
    monkeypatch.setattr(main, "send_email", lambda email, message: events.append("send_email"))

    asyncio.run(record(main.app, "/users/", query="email=user@example.com", events=events))

    assert events == ["http.response.start", "http.response.body", "write_log", "send_email"]


def test_a_new_user_is_logged_and_gets_a_welcome_mail(load: Load, mailbox: Mailbox) -> None:
    client = TestClient(load("02_multiple/main").app)

    response = client.post("/users/", params={"email": "user@example.com"})

    assert (response.status_code, response.json()) == (200, {"message": "사용자가 생성되었습니다"})
    assert Path("log.txt").read_text(encoding="utf-8") == "사용자 생성: user@example.com\n"
    (envelope,) = mailbox.mails
    assert envelope.rcpt_tos == ["user@example.com"]
    assert isinstance(envelope.content, bytes)
    mail = message_from_bytes(envelope.content, policy=default)
    assert mail["Subject"] == "가입을 환영합니다!"
    assert mail.get_content().strip() == "가입을 환영합니다!"


def test_a_mail_to_a_korean_address_arrives(load: Load, mailbox: Mailbox) -> None:
    client = TestClient(load("02_multiple/main").app)

    client.post("/users/", params={"email": "사용자@예시.한국"})

    assert [mail.rcpt_tos for mail in mailbox.mails] == [["사용자@예시.한국"]]


@pytest.mark.measured
@pytest.mark.parametrize("port", ["dead_port", "silent_port"])
def test_without_a_mail_server_the_failure_is_one_korean_line_and_the_rest_stays(
    serve: Serve, request: pytest.FixtureRequest, port: str
) -> None:
    server = serve("02_multiple/main", {"SMTP_PORT": str(request.getfixturevalue(port))})

    response = server.client.post("/users/", params={"email": "user@example.com"})

    assert response.status_code == 200
    server.wait_for_line("메일을 보내지 못했습니다")
    server.terminate()
    assert "Traceback" not in server.output
    assert Path("log.txt").read_text(encoding="utf-8") == "사용자 생성: user@example.com\n"


@pytest.mark.parametrize("query", ["", "?email=", "?email=not-an-address", "?email=a%0Ab@c.com"])
def test_a_user_without_a_valid_address_is_refused_in_korean(load: Load, query: str) -> None:
    response = TestClient(load("02_multiple/main").app).post(f"/users/{query}")

    assert response.status_code == 422
    assert "이메일 주소를 적으세요" in response.json()["detail"][0]["msg"]
    assert not Path("log.txt").exists()


def test_only_one_thread_at_a_time_has_the_log_file_open(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    main = load("02_multiple/main")
    locked: list[bool] = []

    def look_and_open(*arguments: Any, **options: Any) -> Any:
        locked.append(main.log_lock.locked())
        return open(*arguments, **options)

    monkeypatch.setattr(main, "open", look_and_open, raising=False)
    main.write_log("사용자 생성: user@example.com")

    assert locked == [True]
