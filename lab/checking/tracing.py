"""사이트의 단추로 확인할 때, 답의 프로세스에서 일어나는 일을 타임라인에 보냅니다."""

import os
import re
import secrets
from pathlib import Path

from lab.tracing import tracing_variables

LAB_URL = "LAB_CHECK_URL"
"""실습 도구의 주소가 든 환경 변수입니다. 터미널에서 확인할 때에는 없습니다."""
IMPORT = re.compile(r"^(?:from|import) (\w+)", re.MULTILINE)


def program_of(number: str) -> str:
    """타임라인에 나오는 이름입니다. 예: 연습 01-1"""
    return f"연습 {number}"


def is_traced() -> bool:
    """사이트의 단추로 확인하고 있으면 참입니다."""
    return LAB_URL in os.environ


def unsampled() -> dict[str, str]:
    """요청에 붙이면 그 요청이 타임라인에 나오지 않는 헤더입니다. 끝의 00이 그런 뜻입니다."""
    if not is_traced():
        return {}
    return {"traceparent": f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-00"}


def variables_for(number: str, source: str, folder: Path) -> dict[str, str]:
    """답의 프로세스에 줄 환경 변수입니다."""
    lab_url = os.environ.get(LAB_URL)
    if lab_url is None:
        return {"PYTHONPATH": str(folder)}
    return tracing_variables(program_of(number), IMPORT.findall(source), lab_url, str(folder))
