"""함정 soft_limit_swallowed: 제한 시간을 넘긴 태스크의 상태와 남은 행을 봅니다."""

import pytest
from fastapi.testclient import TestClient

from conftest import Load, StartWorker
from harness.waiting import wait_until

pytestmark = [pytest.mark.measured, pytest.mark.usefixtures("valkey")]
FILE = "04_celery/pitfalls/soft_limit_swallowed"
LONGER_THAN_THE_LIMIT = {"WORK_SECONDS": "60"}


def test_a_broad_except_turns_a_time_limit_into_success_with_half_the_rows(
    load: Load, start_worker: StartWorker
) -> None:
    pitfall = load(FILE)
    client = TestClient(pitfall.app)
    worker = start_worker(f"{FILE}:celery_app", LONGER_THAN_THE_LIMIT)

    client.post("/broken")
    wait_until(pitfall.sent["broken"].ready)

    assert client.get("/done").json() == {"broken": ["SUCCESS", "1행"]}
    worker.wait_for_line("내보내기에 실패했습니다: SoftTimeLimitExceeded()")


def test_cleaning_up_and_raising_again_makes_a_time_limit_a_failure_without_leftovers(
    load: Load, start_worker: StartWorker
) -> None:
    pitfall = load(FILE)
    client = TestClient(pitfall.app)
    start_worker(f"{FILE}:celery_app", LONGER_THAN_THE_LIMIT)

    client.post("/fixed")
    wait_until(pitfall.sent["fixed"].ready)

    assert client.get("/done").json() == {"fixed": ["FAILURE"]}
    assert isinstance(pitfall.sent["fixed"].result, pitfall.SoftTimeLimitExceeded)
