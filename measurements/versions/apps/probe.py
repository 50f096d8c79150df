"""이 폴더의 앱을 하나씩 실행하고, 버전과 일어난 일을 JSON 한 줄로 출력합니다.

실행: python probe.py 앱의_이름 ...
"""

import asyncio
import importlib
import json
import sys
from importlib.metadata import version

from recorder import record

PACKAGES = ("fastapi", "starlette", "pydantic", "anyio")


def main(names: list[str]) -> None:
    found: dict[str, list[str] | None] = {}
    for name in names:
        module = importlib.import_module(name)
        supported = getattr(module, "SUPPORTED", True)
        found[name] = asyncio.run(record(module.app)) if supported else None
    versions = {package: version(package) for package in PACKAGES}
    print(json.dumps({"versions": versions, "events": found}))


if __name__ == "__main__":
    main(sys.argv[1:])
