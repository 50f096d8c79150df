"""함정 eager_mode_hides_it을 고장 난 쪽과 고친 쪽 모두에서 확인합니다."""

import pytest

from conftest import Serve, StartWorker

FILE = "04_celery/pitfalls/eager_mode_hides_it"
pytestmark = [pytest.mark.measured, pytest.mark.usefixtures("valkey")]


def test_eager_mode_passes_a_task_that_writes_into_the_memory_of_its_process(serve: Serve) -> None:
    server = serve(FILE)  # 워커가 없는데도 통과합니다.

    checks = server.client.post("/broken").json()

    assert checks == {"ship_in_memory": True, "ship_in_redis": True}


def test_a_real_worker_passes_only_the_task_that_writes_where_both_can_read(
    serve: Serve, start_worker: StartWorker
) -> None:
    start_worker(f"{FILE}:celery_app")
    server = serve(FILE)
    server.client.post("/broken")

    checks = server.client.post("/fixed").json()

    assert checks == {"ship_in_memory": False, "ship_in_redis": True}
