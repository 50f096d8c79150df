"""실습 도구의 서버를 터미널에서 실행합니다."""

import asyncio
import signal
import socket
import sys
import webbrowser
from collections.abc import Awaitable, Callable
from types import FrameType

import psutil
import uvicorn
from rich.console import Console
from rich.text import Text

from lab.catalogue import Program
from lab.processes import StartError
from lab.proxy import tell_broken_answers
from lab.running import forget_stale_data
from lab.server import create_app
from lab.services import ServiceUnavailableError, free_port
from lab.site import SiteError, build_site, kept

COLOURS = ("cyan", "magenta", "green", "yellow", "blue", "red")
REQUEST_SECONDS = 1
"""끝낼 때, 답을 보내던 요청이 마저 보내기를 기다리는 시간(초)입니다."""

console = Console(highlight=False, soft_wrap=True)


class Server(uvicorn.Server):
    """요청을 받을 준비가 되면 `on_ready`를, 끝내기 시작하면 `on_exit`를 부릅니다."""

    def __init__(
        self,
        config: uvicorn.Config,
        on_ready: Callable[[], Awaitable[None]],
        on_exit: Callable[[], Awaitable[None]],
    ) -> None:
        super().__init__(config)
        self._on_ready = on_ready
        self._on_exit = on_exit

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._announcement = asyncio.ensure_future(self._on_ready())

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """연결을 더 받지 않고, 답을 기다리는 요청이 스스로 끝나게 한 뒤에 끝냅니다."""
        for server in self.servers:
            server.close()
        await self._on_exit()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """정리하는 동안 Ctrl+C를 또 눌러도, 정리를 끊지 않고 마저 합니다."""
        if not self.should_exit:
            super().handle_exit(sig, frame)


def make_printer() -> Callable[[str, str, str], None]:
    """프로세스마다 색을 달리하여 출력하는 함수를 만듭니다.

    예제를 둘 이상 실행하면, 이름이 같은 프로세스(브로커 등)를 가리도록 예제의 이름도 적습니다.
    """
    colours: dict[tuple[str, str], str] = {}
    programs: set[str] = set()

    def show(program: str, process: str, line: str) -> None:
        colour = colours.setdefault((program, process), COLOURS[len(colours) % len(COLOURS)])
        programs.add(program)
        name = process if len(programs) == 1 else f"{program} {process}"
        console.print(Text.assemble((f"{name:>8} │ ", colour), Text.from_ansi(line)))

    return show


def choose_port(preferred: int) -> int:
    """비어 있는 포트를 고릅니다. `preferred`를 쓰지 못하면 누가 쓰고 있는지 알려 줍니다."""
    chosen = free_port(preferred)
    tell_other_port(preferred, chosen)
    return chosen


def open_port(preferred: int) -> socket.socket:
    """`choose_port`처럼 고른 포트를 열어 둡니다.

    고르기만 하면, 사이트를 빌드하는 동안 다른 실습 도구도 같은 포트를 고를 수 있습니다.
    """
    try:
        listener = socket.create_server(("127.0.0.1", preferred))
    except OSError:
        listener = socket.create_server(("127.0.0.1", 0))
    tell_other_port(preferred, listener.getsockname()[1])
    return listener


def tell_other_port(preferred: int, chosen: int) -> None:
    """쓰려던 포트와 다르면, 그 포트를 누가 쓰고 있는지 알립니다."""
    if chosen != preferred:
        user = user_of(preferred) or "다른 프로그램"
        console.print(f"{preferred}번 포트를 {user}이(가) 쓰고 있어 {chosen}번 포트를 씁니다.")


def user_of(port: int) -> str | None:
    """포트를 쓰고 있는 프로그램의 이름과 번호입니다. 알 수 없으면 None입니다."""
    try:
        for connection in psutil.net_connections("tcp"):
            listening = connection.status == psutil.CONN_LISTEN
            if listening and tuple(connection.laddr)[1:] == (port,) and connection.pid:
                return f"{psutil.Process(connection.pid).name()}({connection.pid})"
    except psutil.Error:
        return None
    return None


def serve(program: Program | None, port: int, browser: bool) -> None:
    """서버를 실행하고, `program`이 있으면 바로 시작합니다. Ctrl+C로 모두 끝납니다."""
    forget_stale_data()
    with open_port(port) as listener:
        serve_on(listener, program, browser)


def serve_on(listener: socket.socket, program: Program | None, browser: bool) -> None:
    """열어 둔 포트에서 서버를 실행합니다."""
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    try:
        site = build_site()
    except SiteError as error:
        console.print(Text(str(error), style="red"))
        site = None
    app = create_app(url, site, make_printer())

    async def announce() -> None:
        console.print(f"준비됨: {url}   끝내기: Ctrl+C", style="bold")
        if browser:
            webbrowser.open(url)
        if program is None:
            return
        try:
            await app.state.supervisor.ensure(program.name)
        except (StartError, ServiceUnavailableError) as error:
            console.print(Text(str(error), style="red"))
        else:
            console.print(f"예제: {url}/run/{program.name}/ ({program.title})", style="bold")

    async def end_what_requests_wait_for() -> None:
        app.state.store.close()
        await app.state.supervisor.close()

    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        # 예제가 붙인 헤더를 그대로 전합니다. 두 번 붙이지 않습니다.
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=REQUEST_SECONDS,
    )
    if hasattr(signal, "SIGHUP"):
        # 터미널을 닫아도 Ctrl+C와 똑같이 정리합니다.
        signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))
    tell_broken_answers()
    server = Server(config, announce, end_what_requests_wait_for)
    with kept(site):
        server.run([listener])
    if not server.started:
        sys.exit(1)
