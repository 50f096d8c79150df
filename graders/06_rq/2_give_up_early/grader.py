"""모르는 통화와 처음 한 번 답하지 않는 은행을 보내고, 큐를 비운 다음의 상태를 봅니다."""

from typing import Any

from lab.checking import Answer, Short, Web

# 태스크마다 자식을 만들지 않아, 답의 파일을 한 번만 임포트합니다. 재시도는 같습니다.
BURST = ("--burst", "--worker-class", "rq.SimpleWorker")
ERROR = {"type": "ValueError", "message": "모르는 통화입니다: XXX"}

DEPRECATED = "Passing a string or function"
"""함수를 Callback으로 감싸지 않았을 때 RQ 3의 Job.create가 내는 경고의 첫머리입니다."""


def grade(answer: Answer) -> None:
    with answer.redis(), answer.web(PYTHONWARNINGS=f"default:{DEPRECATED}") as web:
        unknown, passing = submit(web, "XXX"), submit(web, "USD")
        with answer.rq_worker(*BURST) as worker:
            worker.wait(40)
        check_unknown(read(web, unknown))
        check_passing(read(web, passing))
        check_no_warning(web)


def submit(web: Web, currency: str) -> str:
    response = web.post(f"/rates/{currency}")
    if response.status_code != 202 or "task_id" not in response.text:
        raise Short(
            seen=f"POST의 응답이 {response.status_code} {response.text[:80]}입니다.",
            why='202와 {"task_id": "…"}로 답해야 합니다.',
            look="start_rate의 반환값과 서버의 오류를 보세요.",
        )
    return str(response.json()["task_id"])


def read(web: Web, task_id: str) -> dict[str, Any]:
    response = web.get(f"/rates/{task_id}")
    if response.status_code != 200:
        raise Short(
            seen=f"GET /rates/{{task_id}}의 응답이 {response.status_code}입니다.",
            why="실패한 태스크의 상태도 200으로 답해야 합니다.",
            look="서버의 오류를 보세요. job.meta에는 JSON으로 바꿀 수 있는 것만 넣을 수 있습니다.",
        )
    body: dict[str, Any] = response.json()
    return body


def check_unknown(body: dict[str, Any]) -> None:
    """모르는 통화는 한 번만 실행되고, 까닭을 남기며 실패합니다."""
    if body["runs"] > 1 and not body["error"]:
        raise Short(
            seen=f"모르는 통화를 {body['runs']}번 물었고, save_error가 한 번도 불리지 않았습니다.",
            why="함수를 쓰기만 해서는 RQ가 부르지 않습니다.",
            look="enqueue의 인자 가운데 실패할 때 부를 함수를 받는 것이 있습니다.",
        )
    if body["runs"] > 1:
        raise Short(
            seen=f"모르는 통화를 {body['runs']}번 물었습니다.",
            why="통화의 이름이 틀렸으므로 몇 번을 다시 해도 결과가 같습니다.",
            look="save_error에서 남은 재시도의 횟수를 바꿀 수 있습니다.",
        )
    if body["status"] == "started":
        raise Short(
            seen="모르는 통화의 상태가 'started'에서 멈추었습니다.",
            why="save_error에서도 예외가 나서, 워커가 실패를 적지 못했습니다.",
            look="job.meta에는 JSON으로 적을 수 있는 값만 넣으세요. 메시지는 str(error)입니다.",
        )
    if body["status"] != "failed":
        raise Short(
            seen=f"모르는 통화인데 상태가 {body['status']!r}입니다.",
            why="예외를 삼키면 RQ는 성공으로 적습니다. 실패를 모아 볼 수도 없습니다.",
            look="태스크에서는 예외를 내고, 다시 할지는 save_error에서 고르세요.",
        )
    if body["error"] != ERROR:
        raise Short(
            seen=f"한 번 만에 실패했지만 error에 까닭이 없습니다: {body['error']}",
            why=f"{ERROR}가 있어야 합니다. RQ는 트레이스백을 글로 남길 뿐입니다.",
            look="job.meta를 바꾼 다음에 저장했는지 보세요.",
        )


def check_passing(body: dict[str, Any]) -> None:
    """지나가는 고장은 다시 해서 끝냅니다."""
    if body["runs"] == 1:
        raise Short(
            seen=f"은행이 처음 한 번 답하지 않았는데 다시 묻지 않고 {body['status']!r}입니다.",
            why="ConnectionError는 다시 하면 되는 고장입니다. 재시도를 남겨 두어야 합니다.",
            look="어떤 예외일 때 그만두는지 고르세요.",
        )
    if body["status"] != "finished" or body["result"] != 1400:
        raise Short(
            seen=f"은행에 {body['runs']}번 묻고 {body['status']!r}, {body['result']}로 끝났습니다.",
            why="두 번째에는 은행이 답하므로 finished와 1400이어야 합니다.",
            look="fetch_rate와 Retry(max=2)는 고치지 않아도 됩니다.",
        )


def check_no_warning(web: Web) -> None:
    """RQ가 없애려는 방법으로 잇지 않았습니다."""
    if DEPRECATED in web.output:
        raise Short(
            seen="할 일은 모두 하지만, RQ가 DeprecationWarning을 냈습니다.",
            why="RQ는 함수를 그대로 받는 방법을 없애려고 합니다. 그때는 불리지 않습니다.",
            look="on_failure에 주는 함수를 rq의 Callback으로 감싸세요.",
        )
