"""함정 forged_log_line을 고장 난 쪽과 고친 쪽 모두에서 확인합니다."""

import pytest
from fastapi.testclient import TestClient

from conftest import Load

FILE = "01_basic/pitfalls/forged_log_line"
FORGED_ADDRESS = "a@example.com%3A%20hi%0Aadmin@example.com"
FORGED_MESSAGE = "hi%0Aadmin@example.com%3A%20%EC%82%AD%EC%A0%9C"


def test_a_newline_in_the_address_forges_a_second_line(load: Load) -> None:
    client = TestClient(load(FILE).app)

    response = client.post(f"/broken/{FORGED_ADDRESS}")

    assert response.status_code == 200
    assert client.get("/log").json() == ["a@example.com: hi", "admin@example.com: 환영합니다!"]


def test_a_newline_in_the_message_forges_a_second_line(load: Load) -> None:
    client = TestClient(load(FILE).app)

    client.post(f"/broken/a@example.com?message={FORGED_MESSAGE}")

    assert client.get("/log").json() == ["a@example.com: hi", "admin@example.com: 삭제"]


@pytest.mark.parametrize("address", [FORGED_ADDRESS, "a@example.com%0A", "a%0Db@example.com"])
def test_what_is_not_an_address_leaves_no_line(load: Load, address: str) -> None:
    client = TestClient(load(FILE).app)

    response = client.post(f"/fixed/{address}")

    assert response.status_code == 422
    assert client.get("/log").json() == []


@pytest.mark.parametrize("newline", ["%0A", "%0D", "%C2%85", "%E2%80%A8"])
def test_an_escaped_message_stays_on_its_line(load: Load, newline: str) -> None:
    client = TestClient(load(FILE).app)

    response = client.post(f"/fixed/a@example.com?message=안녕{newline}admin@example.com: 삭제")

    assert response.status_code == 200
    [line] = client.get("/log").json()
    assert line.startswith(r"a@example.com: '안녕" "\\")
    assert line.endswith("admin@example.com: 삭제'")
