"""예제의 OpenAPI 문서대로만 답하는지, schemathesis가 만든 입력으로 확인합니다."""

import subprocess
from pathlib import Path

import pytest

from conftest import Serve
from harness.processes import SCRIPTS, without_coverage
from harness.services import EmbeddedKafka, Valkey

pytestmark = pytest.mark.whole

QUICK = {"ITEM_SECONDS": "0", "EMAIL_SECONDS": "0", "SMTP_PORT": "1"}
CHECKS = "status_code_conformance,content_type_conformance,response_schema_conformance"


def fuzz(url: str, checks: str) -> None:
    """문서에 있는 모든 경로에 올바른 입력과 잘못된 입력을 보냅니다."""
    result = subprocess.run(
        [
            *(str(SCRIPTS / "schemathesis"), "run", f"{url}/openapi.json", "--checks", checks),
            *("--phases", "coverage,fuzzing", "--max-examples", "20"),
            *("--generation-deterministic", "--no-color"),
        ],
        cwd=Path.cwd(),
        env=without_coverage(),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("name", ["01_basic", "02_multiple", "03_dependencies", "05_async"])
def test_no_input_gets_an_answer_that_the_document_does_not_promise(
    serve: Serve, name: str
) -> None:
    fuzz(serve(f"{name}/main", QUICK).url, f"not_a_server_error,{CHECKS}")


@pytest.mark.parametrize("name", ["04_celery", "06_rq"])
def test_no_input_gets_such_an_answer_from_a_queue_example(
    serve: Serve, valkey: Valkey, name: str
) -> None:
    fuzz(serve(f"{name}/main").url, f"not_a_server_error,{CHECKS}")


def test_no_input_gets_such_an_answer_from_the_event_example(
    serve: Serve, embedded_kafka: EmbeddedKafka
) -> None:
    env = {"KAFKA_BOOTSTRAP_SERVERS": embedded_kafka.servers, "USER_CREATED_TOPIC": "openapi"}
    fuzz(serve("07_kafka/main", env).url, f"not_a_server_error,{CHECKS}")


def test_without_a_broker_the_only_server_error_is_the_promised_503(
    serve: Serve, dead_port: int
) -> None:
    server = serve("04_celery/main", {"REDIS_URL": f"redis://127.0.0.1:{dead_port}/0"})

    fuzz(server.url, CHECKS)
