"""모르는 id, 기다리는 태스크, 실패한 태스크, 끝난 태스크를 차례로 물어봅니다.

기다리는 태스크는 웹을 껐다 켠 다음에도 물어봅니다. 끝으로, 웹이 메시지를 넣고 브로커의 답을
기다리는 동안 워커가 그 태스크를 먼저 끝내게 합니다.
"""

import asyncio
import threading
from contextlib import suppress
from typing import Any

import httpx
from redis import Redis

from lab.checking import Answer, Process, Short, Web, happens
from lab.services import free_port

ERROR = {"type": "ValueError", "message": "내보낼 행이 없습니다"}
RESULT = "3행을 내보냈습니다"
PUSH = b"LPUSH"
"""큐에 넣는 Redis의 명령입니다."""
FIRST_SECONDS = 5.0
"""브로커의 답을 붙잡아 두는 최대 시간(초)입니다. 워커가 태스크를 끝내면 바로 놓습니다."""
CHUNK = 65536


def grade(answer: Answer) -> None:
    with answer.redis() as broker:
        with answer.web() as web:
            check_unknown(web)
            good, bad = submit(web, 3), submit(web, 0)
            check_waiting(web, good)
        with Between(broker.port, broker.client) as between, answer.web(**between.addresses) as web:
            check_remembered(web, good)
            with answer.celery_worker() as worker:
                check_failed(wait_for_the_end(worker, web, bad))
                check_done(wait_for_the_end(worker, web, good))
                between.worker_is_first = True
                check_not_overwritten(web, submit(web, 0))


class Between:
    """웹과 Redis 사이에서 바이트를 넘기는 프록시입니다.

    `worker_is_first`이면 큐에 넣었다는 답을, 워커가 그 태스크를 끝낸 다음에 웹에 넘깁니다.
    """

    def __init__(self, port: int, redis: Redis) -> None:
        self.worker_is_first = False
        self._broker, self._redis, self._port = port, redis, free_port()
        url = f"redis://127.0.0.1:{self._port}/0"
        names = ("REDIS_URL", "CELERY_BROKER_URL", "CELERY_RESULT_BACKEND")
        self.addresses = dict.fromkeys(names, url)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> "Between":
        self._thread.start()
        serving = asyncio.start_server(self._forward, "127.0.0.1", self._port)
        self._server = asyncio.run_coroutine_threadsafe(serving, self._loop).result()
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end(self) -> None:
        """연결을 모두 닫습니다."""
        self._server.close()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await self._loop.shutdown_default_executor()

    async def _forward(self, web: asyncio.StreamReader, to_web: asyncio.StreamWriter) -> None:
        redis, to_redis = await asyncio.open_connection("127.0.0.1", self._broker)
        free = asyncio.Event()
        free.set()
        try:
            await asyncio.gather(self._ask(web, to_redis, free), self._tell(redis, to_web, free))
        except asyncio.CancelledError:
            to_redis.close()
            to_web.close()

    async def _ask(
        self, web: asyncio.StreamReader, to_redis: asyncio.StreamWriter, free: asyncio.Event
    ) -> None:
        with suppress(OSError):
            while chunk := await web.read(CHUNK):
                ended, held = self._ended(), self.worker_is_first and PUSH in chunk.upper()
                if held:
                    free.clear()
                to_redis.write(chunk)
                await to_redis.drain()
                if held:
                    await asyncio.to_thread(self._wait_for_another, ended)
                    free.set()
        to_redis.close()

    async def _tell(
        self, redis: asyncio.StreamReader, to_web: asyncio.StreamWriter, free: asyncio.Event
    ) -> None:
        with suppress(OSError):
            while chunk := await redis.read(CHUNK):
                await free.wait()
                to_web.write(chunk)
                await to_web.drain()
        to_web.close()

    def _wait_for_another(self, ended: int) -> None:
        happens(lambda: self._ended() > ended, FIRST_SECONDS)

    def _ended(self) -> int:
        """실패한 것으로 적힌 태스크의 수입니다."""
        keys = self._redis.scan_iter("celery-task-meta-*")
        return sum('"FAILURE"' in (self._redis.get(key) or "") for key in keys)


def check_unknown(web: Web) -> None:
    response = web.get("/exports/no-such-task")
    if response.status_code != 404:
        raise Short(
            seen=f"맡긴 적 없는 id를 물었더니 {response.status_code} {response.text[:80]}입니다.",
            why="클라이언트는 끝나지 않을 태스크를 계속 기다립니다. 404로 답해야 합니다.",
            look="모르는 id와 기다리는 태스크를 가르려면 무엇이 적혀 있어야 하는지 생각해 보세요.",
        )


def submit(web: Web, rows: int) -> str:
    response = web.post("/exports", params={"rows": rows})
    if response.status_code != 202 or not response.json().get("task_id"):
        raise Short(
            seen=f"POST /exports의 응답이 {response.status_code} {response.text[:80]}입니다.",
            why='202와 {"task_id": "…"}로 답해야 합니다.',
            look="start_export의 반환값과 서버의 오류를 보세요.",
        )
    return str(response.json()["task_id"])


def check_waiting(web: Web, task_id: str) -> None:
    response = web.get(f"/exports/{task_id}")
    if response.status_code == 404:
        raise Short(
            seen="워커를 켜지 않고 방금 맡긴 id인데 404입니다.",
            why="Celery는 모르는 id에도, 차례를 기다리는 id에도 똑같이 PENDING이라고 답합니다.",
            look="맡긴 적이 있다는 것을 큐에 넣기 전에 결과 백엔드에 적어 두어야 합니다.",
        )
    if response.status_code != 200:
        raise Short(
            seen=f"차례를 기다리는 태스크를 물었더니 {response.status_code}입니다.",
            why="아직 끝나지 않은 것은 오류가 아닙니다. 200과 상태로 답해야 합니다.",
            look="결과가 없을 때(None) read_export가 지나는 줄을 보세요.",
        )


def check_remembered(web: Web, task_id: str) -> None:
    if web.get(f"/exports/{task_id}").status_code != 200:
        raise Short(
            seen="웹을 껐다 켰더니, 앞에서 맡긴 id를 모릅니다.",
            why="웹의 메모리에 적은 것은 다시 시작하거나 다른 프로세스가 답하면 없습니다.",
            look="웹이 여럿이어도 함께 보는 곳(결과 백엔드)에 적으세요.",
        )


def check_not_overwritten(web: Web, task_id: str) -> None:
    response = web.get(f"/exports/{task_id}")
    status = response.json().get("status") if response.status_code == 200 else response.status_code
    if status != "FAILURE":
        raise Short(
            seen=f"워커가 태스크를 먼저 끝내자, 실패한 태스크의 상태가 {status!r}입니다.",
            why="큐에 넣은 뒤에 적으면, 그사이에 워커가 적은 FAILURE를 덮어씁니다.",
            look="id를 먼저 정하여 적어 두고, 그다음에 큐에 넣으세요.",
        )


def wait_for_the_end(worker: Process, web: Web, task_id: str) -> httpx.Response:
    """태스크가 끝난 다음의 응답입니다. 200이 아닌 응답도 그대로 돌려줍니다."""

    def ended() -> httpx.Response | None:
        response = web.get(f"/exports/{task_id}")
        waiting = response.status_code == 200 and "URE" not in response.text
        return None if waiting and "SUCCESS" not in response.text else response

    late = Short(
        seen="워커를 켜고 40초가 지나도 상태가 SUCCESS나 FAILURE로 바뀌지 않습니다.",
        why="끝난 태스크의 상태를 알려 주어야 클라이언트가 그만 묻습니다.",
        look="큐에 넣을 때의 task_id와 상태를 적을 때의 id가 같은지 보세요.",
    )
    return worker.wait_for(ended, 40, late)


def check_failed(response: httpx.Response) -> None:
    if response.status_code != 200:
        raise Short(
            seen=f"실패한 태스크를 물었더니 {response.status_code}입니다.",
            why="실패한 것은 태스크입니다. 상태를 묻는 요청에는 200과 까닭으로 답해야 합니다.",
            look="get()은 태스크의 예외를 그 자리에서 다시 냅니다. 서버의 오류도 보세요.",
        )
    body: dict[str, Any] = response.json()
    if body.get("status") != "FAILURE":
        raise Short(
            seen=f"실패한 태스크의 status가 {body.get('status')!r}입니다.",
            why="예외 없이 끝난 태스크를 Celery는 성공으로 적습니다.",
            look="태스크에서는 예외를 내고, 까닭은 조회하는 쪽에서 꺼내세요.",
        )
    if body.get("error") != ERROR:
        raise Short(
            seen=f"실패한 태스크의 응답에 까닭이 없습니다: {response.text[:120]}",
            why='error에 예외의 이름과 메시지가 {"type": …, "message": …}로 있어야 합니다.',
            look="실패한 태스크의 result가 어떤 객체인지 print(repr(…))로 찍어 보세요.",
        )


def check_done(response: httpx.Response) -> None:
    body = response.json() if response.status_code == 200 else {}
    if body.get("status") != "SUCCESS" or body.get("result") != RESULT:
        raise Short(
            seen=f"성공한 태스크의 result가 다릅니다: {response.status_code} {response.text[:120]}",
            why=f'{{"status": "SUCCESS", "result": "{RESULT}"}}로 답해야 합니다.',
            look="실패했을 때 지나는 줄과 성공했을 때 지나는 줄을 나누어 보세요.",
        )
