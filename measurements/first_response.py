"""새로 받은 저장소에서 첫 응답까지 걸리는 시간을 잽니다.

빈 HOME과 빈 캐시로 한 번(cold), 이어서 같은 곳에서 한 번 더(warm) 실행합니다.
README의 명령(`pip install uv && uv run lab 01`)을 그대로 쓰고, 명령을 내린 때부터
01_basic이 200으로 답할 때까지의 시간(초)을 출력합니다.
"""

import os
import signal
import subprocess
import tempfile
import time
import venv
from datetime import date
from pathlib import Path
from platform import platform, python_version

import httpx

ROOT = Path(__file__).parent.parent
COMMAND = "pip install --quiet uv && uv run lab 01 --port {port}"
PATH = "/run/01_basic/send-notification/user@example.com"
PORT = 8765


def seconds_to_first_response(clone: Path, env: dict[str, str]) -> float:
    """명령을 실행하고, 첫 200 응답까지 걸린 시간(초)을 돌려줍니다."""
    started = time.monotonic()
    lab = subprocess.Popen(
        COMMAND.format(port=PORT),
        shell=True,
        cwd=clone,
        env=env,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        while lab.poll() is None:
            try:
                if httpx.post(f"http://127.0.0.1:{PORT}{PATH}", timeout=1).status_code == 200:
                    return time.monotonic() - started
            except httpx.TransportError:
                time.sleep(0.02)
        raise RuntimeError("실습 도구가 응답하기 전에 끝났습니다")
    finally:
        os.killpg(lab.pid, signal.SIGINT)
        lab.wait(30)


def main() -> None:
    """cold와 warm을 차례로 재어 출력합니다."""
    with tempfile.TemporaryDirectory() as folder:
        clone, home = Path(folder) / "clone", Path(folder) / "home"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        home.mkdir()
        venv.create(home / "python", with_pip=True)
        env = {**os.environ, "HOME": str(home)}
        for name in ("VIRTUAL_ENV", "UV_CACHE_DIR", "XDG_CACHE_HOME"):
            env.pop(name, None)
        env["PATH"] = os.pathsep.join([str(home / "python" / "bin"), os.environ["PATH"]])
        print(f"{date.today()}, {platform()}, Python {python_version()}, {os.cpu_count()} CPU")
        for name in ("cold", "warm"):
            print(f"{name}: {seconds_to_first_response(clone, env):.1f}초")


if __name__ == "__main__":
    main()
