"""답의 앱을 실제 uvicorn으로 실행하고 요청을 보냅니다."""

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import psutil

from lab.checking import explaining
from lab.checking.processes import Process
from lab.checking.tracing import unsampled
from lab.checking.verdict import Short, Trouble
from lab.services import free_port

if TYPE_CHECKING:
    import httpx

PORTS = 3
"""고른 빈 포트를 다른 프로그램이 먼저 쓰면, 이만큼 다시 고릅니다."""
START_SECONDS = 20.0
"""앱이 요청을 받을 준비가 될 때까지 기다리는 시간(초)입니다."""
BUSY_SECONDS = 6.0
"""준비되기 전에 쓴 CPU 시간(초)이 이보다 많으면 끝나지 않는 반복입니다. 보통은 1초 남짓입니다."""
REQUEST_SECONDS = 10.0
"""요청 하나의 답을 기다리는 시간(초)입니다."""
TRACEBACK_SECONDS = 0.5
HTTP_SERVER_ERROR = 500


class Web(Process):
    """`uvicorn answer:app`입니다. `with`에 들어가면 요청을 받을 때까지 기다립니다."""

    _pid: int | None = None
    seconds: float = 0.0
    """마지막 요청의 답을 받기까지 걸린 시간(초)입니다."""
    last: str = ""
    """마지막 요청과 그 답의 상태 코드입니다. 예: "POST /boxes: 500" """

    def start(self) -> None:
        """서버를 시작하고 요청을 받을 때까지 기다립니다.

        Raises:
            Short: 시작하지 못했을 때. 까닭을 말합니다.
        """
        for _ in range(PORTS):
            self.port = free_port()
            self.url = f"http://127.0.0.1:{self.port}"
            self._environment = {**self._environment, "UVICORN_PORT": str(self.port)}
            super().start()
            # 서버가 시작하는 동안 임포트하면 그만큼 덜 기다립니다.
            import httpx

            if self._wait_until_ready():
                break
        else:
            raise Trouble("빈 포트를 다른 프로그램이 자꾸 먼저 씁니다. 다시 확인하세요")
        self._pid = self.pid
        # uvicorn은 태스크가 예외를 내면 그 연결을 닫으므로 요청마다 새로 연결합니다.
        limits = httpx.Limits(max_keepalive_connections=0)
        self.client = httpx.Client(
            base_url=self.url, timeout=REQUEST_SECONDS, limits=limits, trust_env=False
        )

    def _wait_until_ready(self) -> bool:
        """요청을 받을 때까지 기다립니다. 고른 포트를 그사이 누가 먼저 썼으면 거짓입니다."""
        start = time.monotonic()
        deadline = start + START_SECONDS
        while f"Uvicorn running on {self.url}" not in self.output:
            if not self.running:
                self.child.wait(1)
                if explaining.port_in_use(self.output) == str(self.port):
                    return False
                raise explaining.ended_early(self.name, self.returncode, self.output)
            if elsewhere := explaining.started_elsewhere(self.url, self.output):
                raise elsewhere
            busy = self.used_cpu() > BUSY_SECONDS
            if busy or time.monotonic() > deadline:
                raise explaining.never_ready(self.name, time.monotonic() - start, busy)
            time.sleep(0.02)
        return True

    def kill(self) -> None:
        """kill -9로 바로 끝냅니다. guard를 기다리지 않으므로 태스크의 도중을 놓치지 않습니다."""
        if self._pid is not None and self.running:
            with suppress(psutil.NoSuchProcess):
                psutil.Process(self._pid).kill()
        self._pid = None
        super().kill()

    def request(self, method: str, path: str, **options: Any) -> "httpx.Response":
        """요청을 보내고 답을 돌려줍니다. `options`는 httpx의 것입니다(json=, headers=, timeout= …).

        Raises:
            Short: 시간 안에 답이 없거나, 답하다가 서버가 끝났을 때.
        """
        import httpx

        start = time.monotonic()
        told = self.output.count(explaining.TRACEBACK)
        try:
            response = self.client.request(method, path, **options)
        except httpx.TimeoutException:
            seconds = time.monotonic() - start
            raise Short(
                seen=f"{method} {path}의 답이 {seconds:.0f}초 동안 오지 않았습니다.",
                why="끝나지 않는 일을 기다리고 있거나, 이벤트 루프가 막혀 있습니다.",
                look="경로 처리 함수와 그 함수가 부르는 곳에서 끝나지 않는 줄을 찾으세요.",
            ) from None
        except httpx.TransportError:
            self.child.wait(1)
            if self.returncode is None:
                raise Short(
                    seen=f"{method} {path}의 답을 받다가 연결이 끊겼습니다.",
                    why="서버가 답을 끝까지 보내지 못했습니다.",
                    look="서버의 마지막 오류를 보세요.",
                ) from None
            doing = f"{method} {path}에 답하다가"
            raise explaining.died(self.name, doing, self.returncode, self.output) from None
        finally:
            self.seconds = time.monotonic() - start
        self.last = f"{method} {path}: {response.status_code}"
        if response.status_code >= HTTP_SERVER_ERROR:
            self._wait_for_traceback(told)
        return response

    def _wait_for_traceback(self, told: int) -> None:
        """500의 까닭은 응답보다 조금 늦게 출력되므로, 잠시 기다립니다."""
        deadline = time.monotonic() + TRACEBACK_SECONDS
        while self.output.count(explaining.TRACEBACK) == told and time.monotonic() < deadline:
            time.sleep(0.01)

    def escaped(self, since: int = 0) -> bool:
        """출력의 `since`번째 글자 뒤에 함수 밖으로 나온 예외가 있으면 참입니다."""
        return "Exception in ASGI application" in self.output[since:]

    def get(self, path: str, **options: Any) -> "httpx.Response":
        """GET 요청을 보냅니다. 보기만 하는 요청이므로 타임라인에 넣지 않습니다."""
        return self.request("GET", path, **{"headers": unsampled(), **options})

    def post(self, path: str, **options: Any) -> "httpx.Response":
        """POST 요청을 보냅니다."""
        return self.request("POST", path, **options)
