"""답의 프로세스가 남긴 출력을 읽고, 무엇이 잘못되었는지 한국어로 말합니다."""

import re

from lab.checking.verdict import Short

TRACEBACK = "Traceback (most recent call last):"
PLACE = re.compile(r'File ".*?answer\.py", line (\d+)')
ERROR = re.compile(r"^(?:\w+\.)*(?P<name>[A-Z]\w+)(?:: (?P<text>.*))?$")
IN_USE = re.compile(
    r"\[(?:Errno (?:48|98)|WinError 10048)\].*?(?:, (\d+)\)|:(\d+)|$)", re.MULTILINE
)
MISSING = re.compile(r"No module named '([^']+)'")
RUNNING = re.compile(r"Uvicorn running on (\S+) \(")


def last_error(output: str) -> str:
    """출력에 있는 마지막 트레이스백을 한 줄로 줄입니다. 없으면 빈 문자열입니다."""
    _, found, block = output.rpartition(TRACEBACK)
    if not found:
        return ""
    place = ""
    for line in block.splitlines():
        if match := PLACE.search(line):
            place = f" ({match[1]}번째 줄)"
        elif match := ERROR.match(line.strip(" |")):
            return f"{line.strip(' |')}{place}"
    return ""


def last_words(output: str) -> str:
    """마지막 오류입니다. 없으면 마지막 출력입니다."""
    words = " / ".join(output.strip().splitlines()[-3:])
    if len(words) > 200:
        words = f"…{words[-200:].partition(' ')[2]}"
    return last_error(output) or (f"마지막 출력: {words}" if words else "")


def port_in_use(output: str) -> str:
    """이미 쓰이고 있어서 열지 못한 포트의 번호입니다. 없거나 모르면 빈 문자열입니다."""
    match = IN_USE.search(output)
    return (match[1] or match[2] or "") if match else ""


def ended_early(name: str, code: int | None, output: str) -> Short:
    """준비되기 전에 끝난 프로세스에 대해 말합니다."""
    error = last_error(output)
    if match := MISSING.search(error):
        return Short(
            seen=f"'{match[1]}' 모듈이 없습니다. {error}",
            why="이름이 틀렸거나, 이 과정에서 쓰지 않는 패키지입니다.",
            look="임포트한 이름의 철자를 보세요. 연습은 이미 설치된 패키지만으로 풀 수 있습니다.",
        )
    # click으로 만든 명령(uvicorn, celery, rq)은 EOFError를 Aborted!로 줄입니다.
    if error.startswith("EOFError: EOF when reading a line") or output.endswith("Aborted!\n"):
        return Short(
            seen=f"{name} 프로세스가 입력을 기다리다가 끝났습니다. {error}".strip(),
            why="채점하는 동안에는 키보드로 입력할 수 없으므로 input()을 쓸 수 없습니다.",
            look="input()을 부르는 줄을 지우고, 필요한 값은 파일에 적으세요.",
        )
    if IN_USE.search(output):
        port = port_in_use(output)
        which = f"{port}번 포트" if port else "포트"
        return Short(
            seen=f"{which}를 다른 프로그램이 쓰고 있어 {name} 프로세스가 시작하지 못했습니다.",
            why="채점기는 빈 포트를 골라 앱을 실행하므로, 답의 코드가 포트를 정할 필요가 없습니다.",
            look="파일에서 uvicorn.run()이나 포트 번호를 쓰는 줄을 지우세요.",
        )
    if 'Attribute "app" not found' in output:
        return Short(
            seen="파일에 app이 없습니다.",
            why="채점기는 uvicorn answer:app처럼 app이라는 이름으로 앱을 찾습니다.",
            look="app = FastAPI() 줄이 들여쓰기 없이 있는지 보세요.",
        )
    if error:
        return Short(
            seen=f"{name} 프로세스가 시작하다가 오류로 끝났습니다. {error}",
            why="앱이 시작하지 못해 확인할 수 없습니다.",
            look="오류에 적힌 줄부터 보세요.",
        )
    said = last_words(output)
    return Short(
        seen=f"{name} 프로세스가 준비되기 전에 끝났습니다(종료 코드 {code}). {said}".strip(),
        why="요청을 받으려면 프로세스가 계속 실행되고 있어야 합니다.",
        look="파일에 sys.exit()나 exit()처럼 프로그램을 끝내는 줄이 있는지 보세요.",
    )


def started_elsewhere(url: str, output: str) -> Short | None:
    """답의 코드가 스스로 서버를 시작해 `url`이 아닌 주소에서 요청을 받으면, 그것을 말합니다."""
    other = next((found for found in RUNNING.findall(output) if found != url), None)
    if other is None:
        return None
    return Short(
        seen=f"파일을 읽는 동안 uvicorn.run()이 다른 주소({other})에서 서버를 시작했습니다.",
        why="채점기가 uvicorn answer:app으로 앱을 실행하므로, 파일이 서버를 시작하면 안 됩니다.",
        look='uvicorn.run 줄을 지우거나 if __name__ == "__main__": 아래에 두세요.',
    )


def never_ready(name: str, seconds: float, busy: bool) -> Short:
    """시간 안에 준비되지 않은 프로세스에 대해 말합니다. `busy`는 CPU를 계속 썼다는 뜻입니다."""
    if busy:
        why = "그동안 CPU를 쉬지 않고 썼습니다. 끝나지 않는 반복(while True)이 있습니다."
    else:
        why = "무언가를 기다리고 있습니다. 파일을 읽는 동안에는 기다리는 일을 하지 않아야 합니다."
    return Short(
        seen=f"{name} 프로세스가 {seconds:.0f}초 동안 준비되지 않았습니다.",
        why=why,
        look="함수 바깥(들여쓰지 않은 곳)과 lifespan에서 오래 걸리는 줄을 찾으세요.",
    )


def too_much_output(megabytes: float) -> Short:
    """출력이 한도를 넘었을 때의 판정입니다."""
    return Short(
        seen=f"출력이 {megabytes:g} MB를 넘어 프로세스를 멈추었습니다.",
        why="끝나지 않는 반복에서 print를 부르면 출력이 이렇게 쌓입니다.",
        look="print가 있는 반복을 찾으세요.",
    )


def guard_killed() -> Short:
    """답의 프로세스를 맡은 프로세스(guard)가 밖에서 끝났을 때의 판정입니다."""
    return Short(
        seen="채점하던 프로세스가 강제로 끝났습니다.",
        why="답의 코드가 자기를 실행한 프로세스에 시그널을 보냈거나, 메모리가 모자랐습니다.",
        look="os.kill이나 os.getppid를 쓰는 줄이 있으면 지우세요. 없으면 다시 확인하세요.",
    )


def died(name: str, doing: str, code: int | None, output: str) -> Short:
    """`doing`(예: "요청에 답하다가") 끝난 프로세스에 대해 말합니다."""
    said = last_words(output)
    return Short(
        seen=f"{name} 프로세스가 {doing} 끝났습니다(종료 코드 {code}). {said}".strip(),
        why="프로세스가 끝나면 그 뒤의 요청과 태스크를 처리할 것이 없습니다.",
        look="sys.exit()처럼 프로그램을 끝내는 줄이나, 위의 오류에 적힌 줄을 보세요.",
    )
