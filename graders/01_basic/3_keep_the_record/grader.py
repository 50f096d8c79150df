"""404와 200의 응답이 바로 오고, 뒤에 기록이 빠짐없이 남는지 봅니다."""

from pathlib import Path

from lab.checking import Answer, Short, Web, wait_until

KNOWN = "user@example.com"
UNKNOWN = "nobody@example.com"
BODY = {"detail": "등록되지 않은 주소입니다"}
TRIES = 3
"""바쁜 컴퓨터에서는 응답이 늦을 수 있으므로, 한 번이라도 기록보다 먼저 왔으면 됩니다."""


def grade(answer: Answer) -> None:
    log = answer.folder / "log.txt"
    with answer.web() as web:
        if not any(responds_first(web, log) for _ in range(TRIES)):
            raise Short(
                seen=f"404가 {web.seconds:.2f}초 뒤에 왔습니다. 응답이 기록을 기다렸습니다.",
                why="record를 그 자리에서 부르면 걸리는 시간만큼 응답이 늦습니다.",
                look="record라는 이름 바로 뒤에 괄호가 있는 줄을 찾으세요.",
            )
        if (status := web.post(f"/reset/{KNOWN}").status_code) != 200:
            raise Short(
                seen=f"등록된 주소 {KNOWN}에 {status}로 답했습니다.",
                why="등록된 주소의 요청은 처음처럼 200으로 답해야 합니다.",
                look="if 문과 마지막 return을 보세요.",
            )
        wait_until(
            lambda: f"메일: {KNOWN}" in lines(log),
            4,
            Short(
                seen="등록된 주소에 메일을 보낸 기록이 4초가 지나도 없습니다.",
                why="등록된 주소는 요청과 메일, 두 줄이 남아야 합니다.",
                look="마지막 return 앞의 add_task를 보세요.",
            ),
        )
        # 등록되지 않은 주소의 요청이 먼저였으므로, 그 기록도 이때에는 끝났습니다.
        check_records(lines(log))


def check_records(found: list[str]) -> None:
    """요청의 기록이 모두 있는지 봅니다."""
    if f"요청: {UNKNOWN}" not in found:
        raise Short(
            seen="404는 바로 왔지만, 등록되지 않은 주소의 요청 기록이 끝까지 없습니다.",
            why="예외를 던지면 예외 핸들러가 응답을 새로 만들고, 등록한 목록은 거기에 없습니다.",
            look="404로 답하는 줄이 응답을 반환하는지, 예외를 던지는지 보세요.",
        )
    if f"요청: {KNOWN}" not in found:
        raise Short(
            seen="메일 기록은 있지만, 등록된 주소의 요청 기록이 없습니다.",
            why="응답에 background를 직접 달면 주입받은 목록이 들어갈 자리가 없습니다.",
            look="두 기록을 모두 background_tasks.add_task로 등록했는지 보세요.",
        )


def responds_first(web: Web, log: Path) -> bool:
    """등록되지 않은 주소로 요청하고, 404가 왔을 때 기록이 아직 없으면 참입니다."""
    before = len(lines(log))
    response = web.post(f"/reset/{UNKNOWN}")
    after = len(lines(log))
    body = response.json() if "json" in response.headers.get("content-type", "") else None
    if response.status_code == 500:
        raise Short(
            seen="등록되지 않은 주소에 답한 상태 코드가 500입니다.",
            why="함수 안에서 오류가 났거나, 응답이 아닌 것(예외 객체)을 반환했습니다.",
            look="HTTPException은 던지는 것입니다. 반환하려면 응답 객체를 만드세요.",
        )
    if response.status_code != 404:
        raise Short(
            seen=f"등록되지 않은 주소에 답한 상태 코드가 {response.status_code}입니다.",
            why="주소가 없다는 것을 클라이언트가 알도록 404로 답해야 합니다.",
            look="응답 객체를 만들 때 상태 코드를 주었는지 보세요.",
        )
    if body != BODY:
        raise Short(
            seen=f"404의 본문이 {response.text[:80]}입니다.",
            why="본문을 읽는 클라이언트가 있으므로, 처음과 같은 detail이어야 합니다.",
            look="HTTPException(detail=…)이 만들던 JSON의 모양을 떠올리세요.",
        )
    return after == before


def lines(log: Path) -> list[str]:
    """지금까지 적힌 줄입니다."""
    return log.read_text(encoding="utf-8").splitlines() if log.exists() else []
