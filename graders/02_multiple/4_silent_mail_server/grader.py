"""답하지 않는 메일 서버, 꺼진 메일 서버, 멀쩡한 메일 서버 앞에서 각각 사용자를 만듭니다."""

import socket

from lab.checking import Answer, Short, Web, happens, wait_until
from lab.checking.explaining import last_error


def grade(answer: Answer) -> None:
    server = bind(0)
    port = server.getsockname()[1]
    server.listen()  # 연결은 운영체제가 받고, 아무도 답하지 않습니다.
    with answer.web(SMTP_PORT=str(port)) as web:
        with server:
            check_the_log(web, "답하지 않는", "silent@example.com", server)
        with bind(port):  # 포트를 붙잡고 있지만 연결을 받지 않습니다.
            check_the_log(web, "꺼진", "off@example.com")
        with answer.mail(port) as box:
            web.post("/users/kim@example.com")
            wait_until(
                lambda: any("kim@example.com" in mail.recipients for mail in box.messages),
                2,
                Short(
                    seen="멀쩡한 메일 서버를 켜 두었는데 kim@example.com에게 온 메일이 없습니다.",
                    why="실패를 견디게 고쳐도, 보낼 수 있는 메일은 보내야 합니다.",
                    look="send_email에서 smtp.sendmail이 실행되는지 보세요.",
                ),
            )


def bind(port: int) -> socket.socket:
    """127.0.0.1의 포트를 붙잡은 소켓입니다."""
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("127.0.0.1", port))
    return server


def check_the_log(web: Web, state: str, email: str, server: socket.socket | None = None) -> None:
    """메일이 가지 못해도 기록이 남고, 실패 한 줄이 로그에 남아야 합니다."""
    web.post(f"/users/{email}")
    wait_until(
        lambda: recorded(web, email) or web.escaped(),
        1.6,
        Short(
            seen=f"{state} 메일 서버 앞에서 1.6초가 지나도 '기록: {email}'이 남지 않았습니다.",
            why="send_email이 끝나지 않아 write_log의 차례가 오지 않습니다. 한도는 0.5초입니다.",
            look="답하지 않는 서버는 예외도 내지 않습니다. smtplib.SMTP의 인자를 찾아보세요.",
        ),
    )

    def ended() -> bool:
        return (recorded(web, email) and reported(web, email)) or web.escaped()

    # 기록을 먼저 등록했다면 메일은 이제 한도를 기다리기 시작합니다.
    if not happens(ended, 1.5) and server is not None and is_waiting(server):
        raise Short(
            seen=f"'기록: {email}'은 남았지만, 메일 서버에 한 연결이 아직 열려 있습니다.",
            why="send_email이 끝나지 않아 스레드 하나를 붙잡고 있습니다. 한도는 0.5초입니다.",
            look="답하지 않는 서버는 예외도 내지 않습니다. smtplib.SMTP의 인자를 찾아보세요.",
        )
    if not ended():
        raise Short(
            seen=f"{state} 메일 서버 앞에서 '기록: {email}'은 남았지만, 로그에 {email}이 없습니다.",
            why="보내지 못한 메일을 나중에 다시 보내려면 누구의 것인지 알아야 합니다.",
            look="예외를 잡은 자리에서 주소와 예외를 logger로 남기세요.",
        )
    if web.escaped():
        error = last_error(web.output)
        raise Short(
            seen=f"{state} 메일 서버 앞에서 send_email이 예외로 끝났습니다. {error}",
            why=reason(state),
            look="두 예외를 함께 아우르는 이름을 02장의 '코드 읽기'에서 찾으세요.",
        )


def is_waiting(server: socket.socket) -> bool:
    """연결한 쪽이 아직 끊지 않고 답을 기다리면 참입니다."""
    server.settimeout(0.1)
    try:
        connection, _ = server.accept()
    except TimeoutError:  # 아무도 연결하지 않았습니다.
        return False
    with connection:
        connection.settimeout(0.1)
        try:
            return connection.recv(1) != b""
        except TimeoutError:
            return True
        except OSError:
            return False


def reason(state: str) -> str:
    """예외가 밖으로 나온 까닭입니다."""
    if state == "꺼진":
        return "답하지 않는 서버의 예외는 잡았지만, 연결조차 못 한 예외는 종류가 다릅니다."
    return "한도를 넘기면 예외가 납니다. 태스크 밖으로 나온 예외는 다음 태스크를 막습니다."


def recorded(web: Web, email: str) -> bool:
    """기록이 남았는지 봅니다."""
    return f"기록: {email}" in web.get("/done").json()


def reported(web: Web, email: str) -> bool:
    """요청의 로그 말고, 주소가 든 줄이 있는지 봅니다."""
    return any(email in line for line in web.lines if '"POST /users/' not in line)
