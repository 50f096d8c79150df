"""워커 없이 요청을 보내 큐에 메시지가 남는지 보고, 워커를 켜서 보고서가 생기는지 봅니다."""

from redis import Redis

from lab.checking import Answer, Process, Short, Web, explaining, happens, wait_until

TITLE = "4월"
SUCCEEDED, RAISED, RECEIVED = "succeeded in", "raised unexpected: ", "] received"
ANSWER_SECONDS = 5.0
TASK_SECONDS = 10.0
"""태스크를 받은 워커가 끝내기를 기다리는 시간(초)입니다. 처음 파일의 태스크는 0.5초 걸립니다."""
NO_APP = "Unable to load celery application"


def grade(answer: Answer) -> None:
    with answer.redis() as broker, answer.web() as web:
        task_id = submit(answer, web)
        check_it_waits(answer, broker.client)
        with answer.celery_worker() as worker:
            check_it_is_written(answer, worker)
        check_the_id(broker.client, task_id)


def submit(answer: Answer, web: Web) -> str:
    """워커가 없을 때 보고서를 맡기고 태스크의 id를 돌려줍니다."""
    try:
        response = web.post(f"/reports/{TITLE}", timeout=ANSWER_SECONDS)
    except Short:
        if not web.running or web.seconds < ANSWER_SECONDS:
            raise
        raise Short(
            seen="워커를 켜지 않고 POST를 보냈더니 5초가 지나도 응답이 오지 않습니다.",
            why="웹이 태스크의 결과를 기다립니다. 워커가 꺼져 있으면 클라이언트도 함께 기다립니다.",
            look="경로 처리 함수에서 결과를 기다리는 호출(get, wait)을 찾으세요.",
        ) from None
    if (answer.folder / f"{TITLE}.txt").exists():
        raise Short(
            seen="응답을 받았을 때 보고서가 이미 있습니다. 워커는 아직 켜지 않았습니다.",
            why="웹이 보고서를 직접 쓰고 나서 응답했습니다. 클라이언트는 그동안 기다렸습니다.",
            look="태스크 함수를 그냥 부르면 그 자리에서 실행됩니다.",
        )
    if response.status_code != 202 or "task_id" not in response.text:
        raise Short(
            seen=f"POST의 응답이 {response.status_code} {response.text[:100]}입니다.",
            why='202와 {"task_id": "…"}로 답해야 합니다.',
            look="경로 처리 함수의 반환값과 서버의 오류를 보세요.",
        )
    return str(response.json()["task_id"])


def check_it_waits(answer: Answer, redis: Redis) -> None:
    """메시지가 큐에서 워커를 기다립니다."""
    report = answer.folder / f"{TITLE}.txt"
    nothing = Short(
        seen="응답은 왔지만 큐에 메시지가 없고, 보고서도 생기지 않았습니다.",
        why="워커는 큐에 있는 메시지만 꺼냅니다.",
        look="태스크를 큐에 넣는 호출이 실제로 실행되는지 보세요.",
    )
    wait_until(lambda: report.exists() or redis.llen("celery"), 4, nothing)
    if report.exists():
        raise Short(
            seen="워커를 켜지 않았는데 보고서가 생겼습니다. 응답한 뒤에 웹 프로세스가 썼습니다.",
            why="웹 프로세스가 죽으면 보고서도 사라집니다. 큐에 남은 메시지가 없기 때문입니다.",
            look="BackgroundTasks나 스레드가 아니라 브로커에 넣으세요.",
        )


def check_it_is_written(answer: Answer, worker: Process) -> None:
    """워커가 메시지를 꺼내 보고서를 씁니다."""
    wait_until_received(worker)
    late = Short(
        seen=f"워커가 태스크를 받았지만 {TASK_SECONDS:g}초가 지나도 끝내지 못합니다.",
        why="메시지를 꺼낸 워커가 보고서를 쓰고 끝내야, 다음 메시지를 꺼냅니다.",
        look="태스크의 본문에 끝나지 않는 줄이나 오래 기다리는 줄이 있는지 보세요.",
    )
    wait_until(lambda: is_over(worker), TASK_SECONDS, late)
    if RAISED not in worker.output and SUCCEEDED not in worker.output:
        raise ended(worker)
    if RAISED in worker.output:
        line = next(line for line in worker.lines if RAISED in line)
        raise Short(
            seen="워커가 태스크를 받았지만 예외로 끝났습니다.",
            why=f"워커의 로그: {line.partition(RAISED)[2][:160]}",
            look="Celery의 워커에는 이벤트 루프가 없습니다. 태스크를 무엇으로 정의했는지 보세요.",
        )
    if not (answer.folder / f"{TITLE}.txt").exists():
        raise Short(
            seen=f"태스크는 성공했지만 {TITLE}.txt가 없습니다.",
            why="워커가 보고서를 써야 합니다.",
            look="태스크의 본문이 파일을 쓰는지 보세요.",
        )


def wait_until_received(worker: Process) -> None:
    """워커가 시작하여 메시지를 꺼낼 때까지 기다립니다."""
    if not happens(lambda: RECEIVED in worker.output or is_over(worker), 40):
        raise Short(
            seen="워커를 켜고 40초가 지나도 태스크를 받지 않습니다.",
            why="워커는 celery_app이 아는 브로커의 celery 큐에서 메시지를 꺼냅니다.",
            look="celery_app의 broker와 queue를 바꾸었는지 보세요.",
        )


def is_over(worker: Process) -> bool:
    """태스크가 끝났거나, 워커가 끝나 더 기다릴 것이 없으면 참입니다."""
    running = worker.running
    return SUCCEEDED in worker.output or RAISED in worker.output or not running


def ended(worker: Process) -> Short:
    """태스크를 끝내지 못하고 워커가 먼저 끝났음을 말합니다."""
    if NO_APP in worker.output:
        return Short(
            seen="워커가 celery_app을 찾지 못해 시작하지 못했습니다.",
            why="워커는 celery -A answer:celery_app처럼 celery_app이라는 이름으로 찾습니다.",
            look="celery_app = Celery(…)의 이름을 바꾸었다면 되돌리세요.",
        )
    if RECEIVED in worker.output:
        return Short(
            seen=f"태스크를 실행하던 워커가 끝났습니다(종료 코드 {worker.returncode}).",
            why="워커의 프로세스가 끝나면 큐에 있는 다른 태스크도 실행되지 않습니다.",
            look="태스크의 본문에 sys.exit()처럼 프로세스를 끝내는 줄이 있는지 보세요.",
        )
    return explaining.ended_early("worker", worker.returncode, worker.output)


def check_the_id(redis: Redis, task_id: str) -> None:
    """응답의 id로 결과를 찾을 수 있습니다."""
    if not redis.exists(f"celery-task-meta-{task_id}"):
        raise Short(
            seen=f"보고서는 생겼지만, 결과 백엔드에 {task_id!r}(으)로 적힌 태스크가 없습니다.",
            why="클라이언트는 응답의 task_id로 상태를 묻습니다. 다른 id로는 찾을 수 없습니다.",
            look="id는 큐에 넣는 호출이 돌려주는 것에 있습니다.",
        )
