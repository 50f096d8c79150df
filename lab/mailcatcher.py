"""보낸 메일을 밖으로 내보내지 않고 화면에 보여 주는 SMTP 서버입니다."""

import asyncio
import sys
from email import message_from_bytes
from email.policy import default

from aiosmtpd.smtp import SMTP, Envelope, Session


class MailCatcher:
    """받은 메일의 받는 사람, 제목, 본문을 출력합니다."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=default)
        body = mail.get_body(("plain", "html"))
        print(f"받는 사람: {', '.join(envelope.rcpt_tos)}")
        print(f"제목: {mail['Subject']}")
        print(f"본문: {body.get_content().strip() if body else ''}")
        return "250 OK"


async def serve(port: int) -> None:
    """127.0.0.1의 `port`에서 메일을 받습니다."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(MailCatcher(), enable_SMTPUTF8=True), "127.0.0.1", port
    )
    print(f"메일함이 127.0.0.1:{port}에서 메일을 기다립니다")
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
