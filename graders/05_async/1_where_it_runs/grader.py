"""적은 것을, 지금 태스크를 하나씩 실행하고 /ping을 보내서 본 것에 견줍니다."""

from lab.checking import Answer, Short, Web, wait_until

TASKS = ["await_sleep", "time_sleep", "def_sleep", "count"]
TASK_SECONDS = 0.4
WHY_FREE = {
    "await_sleep": "await asyncio.sleep은 기다리는 동안 이벤트 루프에 차례를 돌려줍니다.",
    "def_sleep": "def 태스크는 자기 스레드만 막습니다. 이벤트 루프는 그대로 답합니다.",
}
WHY_FROZEN = {
    "count": "계산도 await가 아닙니다. 끝날 때까지 이벤트 루프에 차례를 돌려주지 않습니다.",
    "time_sleep": "time.sleep은 await가 아닙니다. async def 안에서 불러도 스레드를 붙잡습니다.",
}


def grade(answer: Answer) -> None:
    on_loop = as_names("ON_EVENT_LOOP", answer.value("ON_EVENT_LOOP"))
    freezes = as_names("FREEZES", answer.value("FREEZES"))
    with answer.web(TASK_SECONDS=str(TASK_SECONDS)) as web:
        frozen = {name for name in TASKS if puts_ping_last(web, name)}
        # 컴퓨터가 바쁘면 멈추지 않은 서버의 답도 늦을 수 있으므로, 적은 것과 다르면 다시 잽니다.
        for name in frozen - freezes:
            if not puts_ping_last(web, name) or not puts_ping_last(web, name):
                frozen.discard(name)
        check_the_places(on_loop, {name for name in TASKS if starts_on_loop(web, name)})
    check_the_frozen(freezes, frozen)


def as_names(variable: str, value: object) -> set[str]:
    """적은 이름들입니다."""
    names = {str(each) for each in value} if isinstance(value, list | tuple | set) else {str(value)}
    if strange := names - {*TASKS}:
        raise Short(
            seen=f"{variable}에 태스크의 이름이 아닌 것이 있습니다: {', '.join(sorted(strange))}",
            why=f"태스크의 이름은 {', '.join(TASKS)}입니다.",
            look=f'{variable} = ["await_sleep", "count"]처럼 적으세요.',
        )
    return names


def puts_ping_last(web: Web, name: str) -> bool:
    """태스크를 시작하고 /ping을 보냅니다. 답이 태스크의 끝보다 나중이면 True입니다."""
    before = len(web.get("/ping").json())
    web.post(f"/tasks/{name}")
    return f"{name} 끝" in web.get("/ping").json()[before:]


def starts_on_loop(web: Web, name: str) -> bool:
    """태스크가 시작한 곳이 이벤트 루프이면 True입니다."""

    def place() -> str:
        return next((e for e in web.get("/ping").json() if e.startswith(f"{name} 시작: ")), "")

    changed = Short(
        seen=f"등록했지만 시작하지 않은 태스크가 있습니다: {name}",
        why="잴 것은 처음의 코드가 하는 일입니다.",
        look="ON_EVENT_LOOP와 FREEZES 밖의 코드를 고쳤다면 되돌리세요.",
    )
    return wait_until(place, 2, changed).endswith("이벤트 루프")


def check_the_places(said: set[str], real: set[str]) -> None:
    """실행된 곳을 견줍니다."""
    if extra := sorted(said - real):
        raise Short(
            seen=f"ON_EVENT_LOOP에 적은 {', '.join(extra)}의 '시작' 줄에 스레드풀이라고 나옵니다.",
            why="def로 쓴 태스크는 FastAPI가 스레드풀에서 실행합니다.",
            look="/ping의 답에서 '시작: ' 뒤를 보세요.",
        )
    if missing := sorted(real - said):
        raise Short(
            seen=f"ON_EVENT_LOOP에 빠진 것이 {len(missing)}개 있습니다.",
            why="안에서 무엇을 부르든, async def로 쓴 태스크는 이벤트 루프에서 실행됩니다.",
            look="/ping의 답에서 '시작: ' 뒤를 보세요.",
        )


def check_the_frozen(said: set[str], real: set[str]) -> None:
    """다른 요청을 기다리게 한 것을 견줍니다."""
    for name in sorted(said - real):
        raise Short(
            seen=f"FREEZES에 적은 {name}: 'ping'이 '{name} 끝'보다 먼저 적혔습니다.",
            why=WHY_FREE[name],
            look=f"/tasks/{name} 다음에 바로 /ping을 보내 보세요. 3초 안에 답이 옵니다.",
        )
    for name in sorted(real - said):
        raise Short(
            seen=f"FREEZES에 없는 {name}: 'ping'이 '{name} 끝'보다 나중에 적혔습니다.",
            why=WHY_FROZEN[name],
            look=f"/tasks/{name} 다음에 바로 /ping을 보내고 답이 올 때까지 세어 보세요.",
        )
