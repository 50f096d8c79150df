"""같은 요청 여러 개를 예제에 한꺼번에 보냅니다.

브라우저는 한 서버에 연결을 여섯 개만 만들어, 스레드풀(40개)이 드러날 만큼 보내지 못합니다.
"""

import asyncio
import secrets
from typing import Annotated, Literal

import aiohttp
from pydantic import BaseModel, Field
from yarl import URL

from lab.proxy import NoAnswerError

MAX_REQUESTS = 100
MAX_BODY = 100_000
"""요청 하나의 본문의 최대 글자 수입니다."""

TraceId = Annotated[str, Field(pattern="^[0-9a-f]{32}$")]


class Burst(BaseModel):
    """보낼 요청과, 하나씩 붙일 추적의 번호입니다. 번호의 수만큼 보냅니다."""

    program: str
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    path: Annotated[str, Field(pattern=r"^/[^\x00-\x20\x7f]*$", max_length=2000)]
    body: Annotated[str, Field(max_length=MAX_BODY)] = ""
    traces: Annotated[list[TraceId], Field(min_length=1, max_length=MAX_REQUESTS)]


async def send_all(client: aiohttp.ClientSession, url: str, burst: Burst) -> list[int]:
    """한꺼번에 보내고 상태 코드를 추적의 차례대로 돌려줍니다."""
    return await asyncio.gather(*(send(client, url, burst, trace) for trace in burst.traces))


async def send(client: aiohttp.ClientSession, url: str, burst: Burst, trace: str) -> int:
    """요청 하나의 상태 코드입니다. 예제가 답하지 않으면 프록시처럼 502나 504입니다."""
    headers = {"traceparent": f"00-{trace}-{secrets.token_hex(8)}-01"}
    if burst.body:
        headers["content-type"] = "application/json"
    try:
        async with client.request(
            burst.method,
            URL(f"{url}{burst.path}", encoded=True),
            headers=headers,
            data=burst.body or None,
            allow_redirects=False,
        ) as answer:
            await answer.read()
    except TimeoutError:
        return 504
    except (NoAnswerError, aiohttp.ClientError):
        return 502
    return answer.status
