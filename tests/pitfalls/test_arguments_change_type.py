"""함정 arguments_change_type: 인자가 실제 브로커를 거친 뒤의 타입을 봅니다."""

import pytest
from fastapi.testclient import TestClient
from kombu.exceptions import EncodeError
from pydantic import ValidationError

from conftest import Load, StartWorker
from harness.services import Valkey
from harness.waiting import wait_until

pytestmark = pytest.mark.measured

FILE = "04_celery/pitfalls/arguments_change_type"


@pytest.mark.usefixtures("valkey")
def test_a_tuple_arrives_as_a_list_and_integer_keys_arrive_as_text(
    load: Load, start_worker: StartWorker
) -> None:
    pitfall = load(FILE)
    client = TestClient(pitfall.app)
    start_worker(f"{FILE}:celery_app")

    client.post("/broken")
    wait_until(pitfall.sent["broken"].ready)

    seen = "SUCCESS: 1번 상품 0개, 소형: False ← [30, 20], {'1': 3}"
    assert client.get("/done").json() == {"broken": seen}


def test_a_set_is_refused_before_it_reaches_the_queue(load: Load, valkey: Valkey) -> None:
    app = load(FILE).app

    with pytest.raises(EncodeError, match="Object of type set is not JSON serializable"):
        TestClient(app).post("/broken/set")

    answer = TestClient(app, raise_server_exceptions=False).post("/broken/set")
    assert answer.status_code == 500
    assert not valkey.client.exists("celery")


@pytest.mark.usefixtures("valkey")
def test_a_model_dumped_as_json_and_validated_in_the_task_keeps_its_types(
    load: Load, start_worker: StartWorker
) -> None:
    pitfall = load(FILE)
    client = TestClient(pitfall.app)
    start_worker(f"{FILE}:celery_app")

    client.post("/fixed")
    wait_until(pitfall.sent["fixed"].ready)

    seen = "SUCCESS: 1번 상품 3개, 소형: True ← size=(30, 20) quantities={1: 3}"
    assert client.get("/done").json() == {"fixed": seen}


def test_a_task_that_validates_its_payload_refuses_one_of_another_shape(load: Load) -> None:
    with pytest.raises(ValidationError):
        load(FILE).pack_fixed({"size": [30], "quantities": {"1": 3}})
