"""시나리오 하나를 실행 중인 실습 도구에서 실행하고, 추적이 잠잠해지기를 기다립니다."""

import secrets
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from lab.processes import Child, StartError, stop_all, wait_until_ready
from lab.scenarios import Scenario
from lab.services import free_port
from lab.site import ROOT

START_SECONDS = 60
WORKER_SECONDS = 30
LONGEST_SECONDS = 60
"""추적이 끝나기를 기다리는 최대 시간(초)입니다. 끝나지 않은 스팬은 끝나지 않은 채로 기록합니다."""
QUIET_SECONDS = 1.0
"""모두 끝난 다음, 새 스팬이 오지 않는지 지켜보는 시간(초)입니다."""
LONELY_SECONDS = 15
"""큐에 넣은 일을 아무 워커도 시작하지 않을 때 기다리는 시간(초)입니다."""
Json = dict[str, Any]


class PlayError(RuntimeError):
    """시나리오를 실행하지 못했습니다. 메시지에 이유가 들어 있습니다."""


class Lab:
    """시나리오를 실행할, 실행 중인 실습 도구입니다."""

    def __init__(self, url: str, own: bool) -> None:
        self.client = httpx.Client(base_url=url, timeout=90, trust_env=False)
        self._own = own
        self._worker_ready = threading.Event()

    def notice(self, _name: str, line: str) -> None:
        """우리가 시작한 실습 도구의 출력에서, Celery 워커가 준비되었다는 줄을 알아챕니다."""
        if "worker" in line and line.endswith(" ready."):
            self._worker_ready.set()

    def start_afresh(self, program: str) -> None:
        """프로그램을 새로 시작합니다. 앞선 시나리오의 일이 섞이지 않게 합니다.

        Raises:
            PlayError: 그런 프로그램이 없거나 시작하지 못했을 때.
        """
        self._post(f"/lab/programs/{program}/stop")
        self._worker_ready.clear()
        state = self._post(f"/lab/programs/{program}/start")
        if state["state"] != "running":
            raise PlayError("\n".join([f"{program}을(를) 시작하지 못했습니다.", *state["error"]]))
        if self._own and any(process["name"] == "worker" for process in state["processes"]):
            self._worker_ready.wait(WORKER_SECONDS)
        # 처음 한 번만 드는 시간이 기록되지 않게 합니다.
        self.client.get(f"/run/{program}/openapi.json")

    def _post(self, path: str) -> Json:
        answer = self.client.post(path)
        if answer.status_code != 200:
            raise PlayError(str(answer.json().get("detail", answer.text)))
        result: Json = answer.json()
        return result

    def play(self, scenario: Scenario) -> Json:
        """요청을 보내고, 추적이 잠잠해지면 요청, 응답, 스팬, 고장을 돌려줍니다."""
        self.start_afresh(scenario.program)
        trace_id = secrets.token_hex(16)
        response, waiting = self._send(scenario, scenario.method, scenario.path, trace_id)
        extra = []
        if scenario.then:
            method, _, path = scenario.then.partition(" ")
            _, next_waiting = self._send(scenario, method, path, trace_id)
            # 뒤따르는 요청이 얼마나 기다렸는지는 서버의 스팬에 없으므로 보낸 쪽에서 적습니다.
            extra = [waiting, next_waiting]
        trace = self._settled(scenario.program, trace_id)
        return {
            "request": {
                "method": scenario.method,
                "path": scenario.path,
                "body": scenario.body,
            },
            "response": response,
            "spans": sorted(
                [*trace["spans"], *extra], key=lambda span: (span["start"], span["name"])
            ),
            "faults": trace["faults"],
        }

    def _send(self, scenario: Scenario, method: str, path: str, trace_id: str) -> tuple[Json, Json]:
        """요청 하나를 보내고, 응답과 그동안 기다린 시간의 스팬을 돌려줍니다."""
        headers = {"traceparent": f"00-{trace_id}-{secrets.token_hex(8)}-01"}
        body = scenario.body if method == scenario.method and path == scenario.path else None
        if body is not None:
            headers["content-type"] = "application/json"
        start, begun = time.time() * 1000, time.perf_counter()
        answer = self.client.request(
            method, f"/run/{scenario.program}{path}", headers=headers, content=body
        )
        milliseconds = round((time.perf_counter() - begun) * 1000, 1)
        waiting = {
            "trace_id": trace_id,
            "span_id": secrets.token_hex(8),
            "parent_id": None,
            "name": f"{method} {path}",
            "kind": "CLIENT",
            "program": scenario.program,
            "process": "browser",
            "pid": None,
            "start": start,
            "end": start + milliseconds,
            "status": "UNSET",
            "error": None,
            "function": None,
        }
        response = {"status": answer.status_code, "body": answer.text, "ms": milliseconds}
        return response, waiting

    def _settled(self, program: str, trace_id: str) -> Json:
        """스팬이 모두 끝나고 새 스팬이 오지 않을 때의 추적입니다."""
        deadline = time.monotonic() + LONGEST_SECONDS
        seen, changed = "", time.monotonic()
        while True:
            answer = self.client.get(f"/lab/traces/{trace_id}")
            now = time.monotonic()
            if answer.text != seen:
                seen, changed = answer.text, now
            if answer.status_code == 200:
                trace: Json = answer.json()
                quiet = QUIET_SECONDS if self._all_arrived(trace) else LONELY_SECONDS
                if not self._open(program, trace) and now - changed > quiet:
                    return trace
                if now > deadline:
                    return trace
            elif now - changed > LONELY_SECONDS:
                raise PlayError(f"{program}에서 스팬이 하나도 오지 않았습니다")
            time.sleep(0.1)

    def _open(self, program: str, trace: Json) -> bool:
        """실행 중인 프로세스가 아직 끝내지 않은 스팬이 있으면 참입니다."""
        waiting = {span["process"] for span in trace["spans"] if span["end"] is None}
        if not waiting:
            return False
        processes = self.client.get(f"/lab/programs/{program}").json()["processes"]
        return any(
            process["name"] in waiting and process["state"] != "stopped" for process in processes
        )

    @staticmethod
    def _all_arrived(trace: Json) -> bool:
        """요청이 도착했고, 큐에 넣은 일을 모두 워커가 시작했으면 참입니다."""
        spans = trace["spans"]
        sent = [s for s in spans if s["kind"] == "PRODUCER" and s["status"] != "ERROR"]
        taken = [s for s in spans if s["kind"] == "CONSUMER"]
        return any(s["kind"] == "SERVER" for s in spans) and len(taken) >= len(sent)


@contextmanager
def lab_to_play_in(url: str | None) -> Iterator[Lab]:
    """`url`의 실습 도구, 또는 새로 시작했다가 끝낼 실습 도구입니다.

    Raises:
        PlayError: 실습 도구가 답하지 않을 때.
    """
    if url is not None:
        lab = Lab(url, own=False)
        if not answers(lab):
            raise PlayError(f"{url}에 실행 중인 실습 도구가 없습니다")
        yield lab
        return
    port = free_port()
    command = [sys.executable, "-m", "lab", "--no-browser", "--port", str(port)]
    lab = Lab(f"http://127.0.0.1:{port}", own=True)
    child = Child("lab", command, ROOT, {}, lab.notice)
    try:
        wait_until_ready(child, lambda: answers(lab), START_SECONDS)
        yield lab
    except StartError as error:
        raise PlayError(str(error)) from None
    finally:
        lab.client.close()
        stop_all([child], 15)


def answers(lab: Lab) -> bool:
    """실습 도구가 답하면 참입니다."""
    try:
        return lab.client.get("/lab/programs").status_code == 200
    except httpx.TransportError:
        return False
