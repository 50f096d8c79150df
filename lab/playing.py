"""시나리오 하나를 실행 중인 실습 도구에서 실행하고, 추적이 잠잠해지기를 기다립니다."""

import re
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx

from lab.catalogue import find_program
from lab.scenarios import Scenario
from lab.settling import open_spans, patience, running_tasks

WORKER_SECONDS = 30
LONGEST_SECONDS = 60
"""추적이 끝나기를 기다리는 최대 시간(초)입니다. 끝나지 않은 스팬은 끝나지 않은 채로 기록합니다."""
RUNNING_SECONDS = 2.0
"""고장을 내기 전에 태스크가 실행되게 두는 시간(초)입니다. 끊긴 막대가 보이게 합니다."""
PAUSE_SECONDS = 0.2
READY = re.compile(r" ready\.$|Listening on ")
"""Celery와 RQ의 워커가 준비되면 내는 줄입니다."""
QUEUES = ("celery ", "rq ")
Json = dict[str, Any]


class PlayError(RuntimeError):
    """시나리오를 실행하지 못했습니다. 메시지에 이유가 들어 있습니다."""


class Lab:
    """시나리오를 실행할, 실행 중인 실습 도구입니다."""

    def __init__(self, url: str, own: bool) -> None:
        self.client = httpx.Client(base_url=url, timeout=90, trust_env=False)
        self._own = own
        self._ready_workers = 0

    def notice(self, _name: str, line: str) -> None:
        """우리가 시작한 실습 도구의 출력에서, 워커가 준비되었다는 줄을 알아챕니다."""
        if "worker" in line and READY.search(line):
            self._ready_workers += 1

    def start_afresh(self, program: str) -> None:
        """프로그램을 새로 시작합니다. 앞선 시나리오의 일이 섞이지 않게 합니다.

        Raises:
            PlayError: 그런 프로그램이 없거나 시작하지 못했을 때.
        """
        self._post(f"/lab/programs/{program}/stop")
        commands = find_program(program).processes.values()
        wanted = self._ready_workers + sum(command.startswith(QUEUES) for command in commands)
        state = self._post(f"/lab/programs/{program}/start")
        if state["state"] != "running":
            raise PlayError("\n".join([f"{program}을(를) 시작하지 못했습니다.", *state["error"]]))
        deadline = time.monotonic() + WORKER_SECONDS
        while self._own and self._ready_workers < wanted and time.monotonic() < deadline:
            time.sleep(PAUSE_SECONDS)
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
        response, extra = self._send_all(scenario, trace_id)
        if scenario.fault:
            self._make_fault(scenario, trace_id)
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

    def _send_all(self, scenario: Scenario, trace_id: str) -> tuple[Json, list[Json]]:
        """요청을 모두 보내고, 첫 응답과 보낸 쪽이 기다린 시간의 스팬을 돌려줍니다."""
        following = scenario.then or scenario.meanwhile
        with ThreadPoolExecutor(1) as thread:
            first = thread.submit(self._send, scenario, scenario.method, scenario.path, trace_id)
            while not (first.done() or (scenario.meanwhile and self._has_endpoint(trace_id))):
                time.sleep(0.01)
            if not following:
                return first.result()[0], []
            method, _, path = following.partition(" ")
            _, next_waiting = self._send(scenario, method, path, trace_id)
        response, waiting = first.result()
        # 뒤따르는 요청이 얼마나 기다렸는지는 서버의 스팬에 없으므로 보낸 쪽에서 적습니다.
        return response, [waiting, next_waiting]

    def _has_endpoint(self, trace_id: str) -> bool:
        """경로 처리 함수가 시작되었으면 참입니다."""
        return any(span["name"] == "fastapi.endpoint" for span in self._trace(trace_id)["spans"])

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

    def _make_fault(self, scenario: Scenario, trace_id: str) -> None:
        """태스크가 실행되는 동안 고장을 내고, 바로 다시 시작합니다."""
        assert scenario.fault is not None
        action, _, process = scenario.fault.partition(" ")
        deadline = time.monotonic() + WORKER_SECONDS
        while not running_tasks(self._trace(trace_id), process):
            if time.monotonic() > deadline:
                raise PlayError(f"{scenario.place}: {process}에서 태스크가 시작되지 않았습니다")
            time.sleep(PAUSE_SECONDS)
        time.sleep(RUNNING_SECONDS)
        self._post(f"/lab/programs/{scenario.program}/processes/{process}/{action}")
        self._post(f"/lab/programs/{scenario.program}/processes/{process}/start")

    def _trace(self, trace_id: str) -> Json:
        """지금까지의 추적입니다. 아직 아무 스팬도 없으면 비어 있습니다."""
        answer = self.client.get(f"/lab/traces/{trace_id}")
        trace: Json = answer.json() if answer.status_code == 200 else {"spans": [], "faults": []}
        return trace

    def _settled(self, program: str, trace_id: str) -> Json:
        """스팬이 모두 끝나고 새 스팬이 오지 않을 때의 추적입니다."""
        deadline = time.monotonic() + LONGEST_SECONDS
        seen: Json = {}
        changed = time.monotonic()
        while True:
            trace = self._trace(trace_id)
            now = time.monotonic()
            if trace != seen:
                seen, changed = trace, now
            quiet = patience(trace)
            is_quiet = quiet is not None and now - changed > quiet
            if now > deadline or (is_quiet and not self._open(program, trace)):
                break
            time.sleep(PAUSE_SECONDS)
        if not trace["spans"]:
            raise PlayError(f"{program}에서 스팬이 하나도 오지 않았습니다")
        return trace

    def _open(self, program: str, trace: Json) -> bool:
        """실행 중인 프로세스가 아직 끝내지 않은 스팬이 있으면 참입니다."""
        waiting = {span["process"] for span in open_spans(trace)}
        if not waiting:
            return False
        processes = self.client.get(f"/lab/programs/{program}").json()["processes"]
        return any(
            process["name"] in waiting and process["state"] != "stopped" for process in processes
        )
