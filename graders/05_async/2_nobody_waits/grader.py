"""프린터가 준비되지 않은 동안 답이 오는지 보고, 준비한 다음 PDF와 메일의 차례를 봅니다."""

from lab.checking import Answer, Short, Web, happens

PRINTER_SECONDS = "2"
NEVER_AWAITED = "was never awaited"


def grade(answer: Answer) -> None:
    with answer.web(PRINTER_SECONDS=PRINTER_SECONDS) as web:
        web.post("/invoices")
        post_seconds = web.seconds
        events = events_of(web)
        if "PDF 끝" in events:
            raise waited(post_seconds, web.seconds)
        check_the_pdf_starts(web)
        web.post("/printer")
        check_the_mail(web)


def events_of(web: Web) -> list[str]:
    """GET /ping의 답입니다."""
    events: list[str] = web.get("/ping").json()
    return events


def waited(post_seconds: float, ping_seconds: float) -> Short:
    """프린터를 기다린 것이 어느 답인지에 따라 말합니다."""
    if post_seconds > ping_seconds:
        return Short(
            seen=f"POST /invoices의 응답이 프린터를 {post_seconds:.1f}초 기다렸습니다.",
            why="PDF를 요청 안에서 만들고 있습니다. 클라이언트가 프린터를 기다립니다.",
            look="create_invoice는 등록만 하고, PDF는 태스크가 만들어야 합니다.",
        )
    return Short(
        seen=f"프린터를 기다리는 동안 GET /ping의 답이 {ping_seconds:.1f}초 뒤에 왔습니다.",
        why="이벤트 루프의 스레드가 PDF를 기다리느라, 누구에게도 답하지 못합니다.",
        look="make_pdf를 부르거나 기다리는 줄(join, result)은 아직 이벤트 루프에서 실행됩니다. "
        "앞에 무엇을 두어도 같습니다.",
    )


def check_the_pdf_starts(web: Web) -> None:
    """PDF를 만들기 시작합니다."""
    nothing = Short(
        seen="응답이 오고 1초가 지나도 PDF를 만들기 시작하지 않았습니다.",
        why="등록한 태스크가 make_pdf를 실행해야 합니다.",
        look="등록하는 줄과 make_pdf를 넘기는 모양을 보세요.",
    )
    if happens(lambda: "PDF 시작" in events_of(web), 1):
        return
    if NEVER_AWAITED in web.output:
        raise Short(
            seen="응답이 오고 1초가 지나도 PDF를 만들기 시작하지 않았습니다.",
            why=f"로그에 coroutine … {NEVER_AWAITED}가 있습니다. 만들고 실행하지 않았습니다.",
            look="to_thread처럼 코루틴을 돌려주는 것은 await해야 시작합니다.",
        )
    raise nothing


def check_the_mail(web: Web) -> None:
    """프린터가 준비되면 PDF가 끝나고, 그다음에 메일이 나갑니다."""
    happens(lambda: "메일 끝" in events_of(web), 1.5)
    events = events_of(web)
    shown = ", ".join(events)
    if "메일 시작" in events and events.index("메일 시작") < where(events, "PDF 끝"):
        raise Short(
            seen=f"메일이 PDF보다 먼저 나갔습니다. 일어난 차례: {shown}",
            why="PDF를 붙여 보낼 메일이므로, PDF가 끝나기를 기다려야 합니다.",
            look="둘을 함께 시작하지 말고, 첫째를 await한 다음에 둘째를 시작하세요.",
        )
    if NEVER_AWAITED in web.output:
        raise Short(
            seen=f"프린터를 준비했지만 메일이 나가지 않았습니다. 일어난 차례: {shown}",
            why=f"로그에 coroutine … {NEVER_AWAITED}가 있습니다. 만들고 실행하지 않았습니다.",
            look="def 안에서는 await할 수 없습니다. 스레드로 옮길 것은 make_pdf뿐입니다.",
        )
    if "메일 끝" not in events:
        raise Short(
            seen=f"프린터를 준비하고 1.5초가 지나도 메일이 없습니다. 일어난 차례: {shown}",
            why="PDF가 끝난 다음에 send_mail이 끝까지 실행되어야 합니다.",
            look="send_mail을 부르거나 등록하는 줄이 남아 있는지 보세요.",
        )


def where(events: list[str], name: str) -> int:
    """일어난 자리입니다. 일어나지 않았으면 맨 끝입니다."""
    return events.index(name) if name in events else len(events)
