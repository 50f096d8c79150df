"""예제의 Swagger UI와 ReDoc 페이지를 인터넷 없이 보여 줍니다. 예제는 고치지 않습니다.

FastAPI의 /docs와 /redoc은 CDN의 파일을 부릅니다. 그 주소를 실습 도구가 제공하는 주소로 바꾸고,
파일은 fastapi-offline 패키지에 든 것을 씁니다. `/run/이름/docs`의 "Try it out"이 `/run/이름/…`을
부르게 하는 것은 uvicorn의 root_path입니다(`variables`).
"""

import importlib.util
import re
from functools import cache
from pathlib import Path

ASSETS_URL = "/lab/assets"
"""파일을 제공하는 주소입니다."""
FILES = {
    "https://cdn.jsdelivr.net/npm/swagger-ui-dist@5/swagger-ui-bundle.js": "swagger-ui-bundle.js",
    "https://cdn.jsdelivr.net/npm/swagger-ui-dist@5/swagger-ui.css": "swagger-ui.css",
    "https://cdn.jsdelivr.net/npm/redoc@2/bundles/redoc.standalone.js": "redoc.standalone.js",
    "https://fastapi.tiangolo.com/img/favicon.png": "favicon.png",
}
"""FastAPI의 페이지가 부르는 주소와, 대신 제공할 파일의 이름입니다."""
MEDIA_TYPES = {".js": "text/javascript", ".css": "text/css", ".png": "image/png"}
GOOGLE_FONTS = re.compile(r'<link href="https://fonts\.googleapis\.com/[^>]*>\s*')
REDOC_LOGO = b"https://cdn.redoc.ly/redoc/logo-mini.svg"


def variables(program: str) -> dict[str, str]:
    """웹 프로세스에 줄 환경 변수입니다. 앱이 자기가 `/run/{program}` 아래에 있다고 알게 합니다."""
    return {"UVICORN_ROOT_PATH": f"/run/{program}"}


def is_page(path: str) -> bool:
    """`/run/{program}/` 다음의 `path`가 주소를 바꿀 페이지면 참입니다. 예: "docs" """
    return path.strip("/") in ("docs", "redoc")


def rewrite_html(html: str) -> str:
    """페이지에서 다른 호스트의 주소를 없앱니다. 길이가 바뀌므로 Content-Length도 다시 적으세요."""
    for url, name in FILES.items():
        html = html.replace(url, f"{ASSETS_URL}/{name}")
    return GOOGLE_FONTS.sub("", html)


@cache
def folder() -> Path:
    """fastapi-offline의 파일이 든 폴더입니다."""
    spec = importlib.util.find_spec("fastapi_offline")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "static"


@cache
def asset(name: str) -> tuple[bytes, str]:
    """`/lab/assets/{name}`의 내용과 미디어 형식입니다.

    Raises:
        FileNotFoundError: 그런 파일이 없을 때.
    """
    if name not in FILES.values():
        raise FileNotFoundError(name)
    content = (folder() / name).read_bytes()
    # ReDoc은 로고 하나를 스크립트 안에서 다른 호스트로부터 부릅니다.
    content = content.replace(REDOC_LOGO, f"{ASSETS_URL}/favicon.png".encode())
    return content, MEDIA_TYPES[Path(name).suffix]
