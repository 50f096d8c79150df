"""시나리오를 실행할 실습 도구를 빌리거나, 새로 시작했다가 끝냅니다."""

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager

import httpx

from lab.playing import Lab, PlayError
from lab.processes import Child, StartError, stop_all, wait_until_ready
from lab.services import free_port
from lab.site import ROOT

START_SECONDS = 60


@contextmanager
def lab_to_play_in(url: str | None) -> Iterator[Lab]:
    """`url`의 실습 도구, 또는 새로 시작했다가 끝낼 실습 도구입니다.

    Raises:
        PlayError: 실습 도구가 답하지 않을 때.
    """
    if url is not None:
        lab = Lab(url, own=False)
        with closing(lab.client):
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
