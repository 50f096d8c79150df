"""자식 프로세스의 추적을 켜는 환경 변수입니다. 스팬은 실습 도구로 옵니다."""

import os
from collections.abc import Collection
from pathlib import Path
from urllib.parse import quote

INSTRUMENT = Path(__file__).parent / "instrument"
INSTRUMENTED = {
    "celery": "LAB_INSTRUMENT_CELERY",
    "rq": "LAB_INSTRUMENT_RQ",
    "confluent_kafka": "LAB_INSTRUMENT_KAFKA",
}
"""임포트하면 계측도 켤 라이브러리와, 계측을 켜는 환경 변수입니다."""


def tracing_variables(
    name: str, imports: Collection[str], lab_url: str, *folders: str
) -> dict[str, str]:
    """`name`이라는 이름으로 스팬을 보내게 합니다. `folders`는 PYTHONPATH에 더할 폴더입니다."""
    paths = [str(INSTRUMENT), *folders, os.environ.get("PYTHONPATH")]
    return {
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        "OTEL_EXPORTER_OTLP_ENDPOINT": lab_url,
        "OTEL_RESOURCE_ATTRIBUTES": f"lab.program={quote(name)}",
        **{variable: "1" for package, variable in INSTRUMENTED.items() if package in imports},
    }
