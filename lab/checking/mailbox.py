"""채점하는 동안만 쓰는 메일함입니다."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from lab.services import free_port


@dataclass(frozen=True)
class Mail:
    """받은 메일 하나입니다."""

    sender: str
    recipients: list[str]
    subject: str
    body: str


@dataclass
class Mailbox:
    """받은 메일을 모아 두는 SMTP 서버입니다."""

    url: str = ""
    """주소입니다. 예: 127.0.0.1:1025"""
    messages: list[Mail] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """메일 하나를 받습니다."""
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=default)
        body = mail.get_body(("plain", "html"))
        self.messages.append(
            Mail(
                sender=envelope.mail_from or "",
                recipients=list(envelope.rcpt_tos),
                subject=str(mail["Subject"] or ""),
                body=body.get_content().strip() if body else "",
            )
        )
        return "250 OK"


@contextmanager
def mailbox(port: int | None = None) -> Iterator[tuple[Mailbox, int]]:
    """메일함과 그 포트입니다. 나가면 닫습니다. `port`가 없으면 빈 포트를 고릅니다."""
    box = Mailbox()
    controller = Controller(
        box, hostname="127.0.0.1", port=port or free_port(), enable_SMTPUTF8=True
    )
    controller.start()
    box.url = f"127.0.0.1:{controller.port}"
    try:
        yield box, controller.port
    finally:
        controller.stop()
