"""요청을 하나씩 보내고, 줄이 언제 생겼는지를 예측과 견줍니다."""

from pathlib import Path

from lab.checking import Answer, Short, Web, wait_until

PATHS = ("/passed", "/called", "/raised", "/replaced")
TRIES = 3
BEFORE, AFTER, NEVER = "응답 전", "응답 뒤", "없음"
SEEN = {
    BEFORE: "{path}의 줄은 응답이 왔을 때 이미 log.txt에 있었습니다(응답까지 {seconds:.2f}초).",
    AFTER: "{path}의 응답이 왔을 때에는 줄이 없었고({seconds:.2f}초), 그 뒤에 생겼습니다.",
    NEVER: "{path}의 줄이 끝까지 생기지 않았습니다(상태 코드 {status}).",
}
LOOK = {
    "/passed": "add_task에 무엇을 넘겼는지, 누가 write를 부르는지 보세요.",
    "/called": "add_task의 괄호 안에서 무엇이 먼저 계산되는지 보세요.",
    "/raised": "등록한 목록은 반환한 응답에 실립니다. 이 함수가 무엇을 반환하는지 보세요.",
    "/replaced": "응답에 이미 다른 background가 있습니다. 목록이 들어갈 자리가 있는지 보세요.",
}


def grade(answer: Answer) -> None:
    prediction = read_prediction(answer)
    log = answer.folder / "log.txt"
    seen: dict[str, str] = {}
    said: dict[str, dict[str, object]] = {}
    with answer.web() as web:
        for path in PATHS:
            # 바쁜 컴퓨터에서는 응답이 늦게 올 수 있으므로, 한 번이라도 없었으면 응답이 먼저입니다.
            tries = [ask(web, path, log) for _ in range(TRIES)]
            seen[path] = BEFORE if all(already for already, _ in tries) else NEVER
            said[path] = {"path": path, "seconds": web.seconds, "status": tries[-1][1]}
        # 태스크는 모두 같은 시간이 걸리므로, 나중 것이 끝나면 앞의 것도 끝났습니다.
        web.post("/passed")
        wait_until(
            lambda: lines(log).count("/passed") == TRIES + 1,
            3,
            Short(
                seen=f"/passed에 요청을 {TRIES + 1}번 보냈지만 줄이 그만큼 생기지 않았습니다.",
                why="예측만 채우는 연습이므로 나머지 코드는 처음과 같아야 합니다.",
                look="경로 처리 함수를 고쳤다면 되돌리세요.",
            ),
        )
    for path in PATHS:
        if seen[path] == NEVER and path in lines(log):
            seen[path] = AFTER
        if prediction[path] != seen[path]:
            raise Short(
                seen=SEEN[seen[path]].format(**said[path]),
                why=f"예측에 적은 것은 {prediction[path]!r}입니다. 둘이 다릅니다.",
                look=LOOK[path],
            )


def ask(web: Web, path: str, log: Path) -> tuple[bool, int]:
    """요청을 보내고, 응답이 왔을 때 줄이 이미 있었는지와 상태 코드를 돌려줍니다."""
    before = lines(log).count(path)
    status = web.post(path).status_code
    return lines(log).count(path) > before, status


def lines(log: Path) -> list[str]:
    """지금까지 적힌 줄입니다."""
    return log.read_text(encoding="utf-8").splitlines() if log.exists() else []


def read_prediction(answer: Answer) -> dict[str, str]:
    """경로마다 적은 예측입니다."""
    value = answer.value("PREDICTION")
    if not isinstance(value, dict):
        raise Short(
            seen=f"PREDICTION에 적은 것이 딕셔너리가 아닙니다: {value!r}",
            why="예측마다 어느 경로의 것인지 경로가 함께 있어야 견줄 수 있습니다.",
            look="처음 파일처럼 중괄호 안에 '경로': '예측'을 네 줄 적으세요.",
        )
    for path in PATHS:
        if not value.get(path):
            raise Short(
                seen=f"{path}의 예측이 비어 있습니다.",
                why="네 경로를 모두 예측한 다음에 실행해야 견줄 수 있습니다.",
                look=f"PREDICTION의 {path!r}에 {BEFORE!r}, {AFTER!r}, {NEVER!r} 하나를 적으세요.",
            )
        if value[path] not in (BEFORE, AFTER, NEVER):
            raise Short(
                seen=f"{path}의 예측이 {value[path]!r}입니다.",
                why=f"{BEFORE!r}, {AFTER!r}, {NEVER!r} 가운데 하나만 견줄 수 있습니다.",
                look="띄어쓰기까지 똑같이 적으세요.",
            )
    return value
