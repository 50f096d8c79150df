"""다른 터미널에서 실행 중인 실습 도구에 부탁합니다."""

import httpx


class LabNotRunningError(RuntimeError):
    """실습 도구가 실행 중이 아니거나 부탁을 들어줄 수 없습니다. 메시지는 할 일을 알려 줍니다."""


def ask_for_fault(port: int, program: str, process: str, action: str) -> str:
    """프로세스에 고장을 내 달라고 하고, 그 뒤의 상태를 돌려줍니다.

    Raises:
        LabNotRunningError: 실습 도구가 답하지 않거나 할 수 없다고 답할 때.
    """
    url = f"http://127.0.0.1:{port}/lab/programs/{program}/processes/{process}/{action}"
    try:
        answer = httpx.post(url, timeout=60, trust_env=False)
    except httpx.TransportError:
        raise LabNotRunningError(
            f"{port}번 포트에 실행 중인 실습 도구가 없습니다. 먼저 uv run lab 을 실행하세요. "
            "다른 포트에서 실행 중이면 --port 로 알려 주세요"
        ) from None
    try:
        told = answer.json()
        if answer.status_code != 200:
            raise LabNotRunningError(str(told["detail"]))
        states = {each["name"]: str(each["state"]) for each in told["processes"]}
    except (ValueError, KeyError, TypeError):
        raise LabNotRunningError(
            f"{port}번 포트에서 실행 중인 것은 실습 도구가 아닙니다. --port 로 알려 주세요"
        ) from None
    return states[process]
