"""인터넷이 없는 교실에서 쓸 것을 모두 미리 받습니다. `uv run lab prefetch`로 실행합니다."""

from collections.abc import Callable
from importlib.metadata import distributions

from lab.site import ROOT, SiteError, build_site
from lab.tools import run_uv

SYNC = ("sync", "--frozen", "--inexact")
"""uv.lock에 적힌 버전을 default-groups까지 받고, 더 설치해 둔 것은 지우지 않습니다."""
SECONDS = 600


class PrefetchError(RuntimeError):
    """받지 못한 것이 있습니다. 메시지에 이유와 할 일이 들어 있습니다."""


def fetch_everything(show: Callable[[str], None]) -> None:
    """모두 받고, 인터넷 없이도 실행되는지 확인하고, 한 일을 한 줄씩 알립니다.

    Raises:
        PrefetchError: 받지 못한 것이 있을 때.
    """
    show("받는 중: uv.lock에 적힌 패키지 (처음에는 1분쯤 걸립니다)")
    run_uv(SYNC, ROOT, SECONDS, PrefetchError)
    packages = len({each.name.lower() for each in distributions()})
    show(f"받았습니다: 패키지 {packages}개와 브로커 ({ROOT / '.venv'})")
    try:
        show(f"빌드했습니다: 사이트 ({build_site()})")
    except SiteError as error:
        raise PrefetchError(str(error)) from None
    offline = ("run", "--offline", "python", "-c", "import lab.cli")
    run_uv(offline, ROOT, SECONDS, PrefetchError)
    show("확인했습니다: 인터넷 없이 실행됩니다")
    show("\n인터넷을 끄고 직접 확인하세요: uv run --offline lab")
