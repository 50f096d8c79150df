"""실습 도구의 웹 서버: 사이트, 예제로 가는 길, 추적, 고장 단추."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

import aiohttp
from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from pydantic import ValidationError
from starlette.convertors import Convertor, register_url_convertor
from starlette.routing import Route

from lab import proxy, swagger
from lab.burst import Burst, send_all
from lab.catalogue import EXAMPLES, UnknownProgramError
from lab.checking.button import BusyError, Button
from lab.checking.exercises import UnknownExerciseError
from lab.processes import StartError
from lab.running import UnknownProcessError
from lab.security import LoopbackOnly
from lab.services import ServiceUnavailableError
from lab.site import sitemap
from lab.supervisor import Supervisor
from lab.traces import TraceStore
from lab.watching import add_traces

Action = Literal["kill", "stop", "start", "freeze", "thaw"]


class Anything(Convertor[str]):
    """경로의 나머지입니다. Starlette의 `path`와 달리 줄바꿈(%0A)도 들어 있을 수 있습니다."""

    regex = "(?s:.*)"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


def supervisor_of(request: Request) -> Supervisor:
    supervisor: Supervisor = request.app.state.supervisor
    return supervisor


Programs = Annotated[Supervisor, Depends(supervisor_of)]


def create_app(
    lab_url: str,
    site: Path | None,
    on_line: Callable[[str, str, str], None],
    examples: Path = EXAMPLES,
) -> FastAPI:
    """실습 도구의 앱을 만듭니다. `site`는 빌드한 사이트의 폴더이고, None이면 사이트가 없습니다."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.store = TraceStore()
        app.state.supervisor = Supervisor(lab_url, app.state.store, on_line, examples)
        app.state.client = proxy.make_client()
        app.state.button = Button(lab_url)
        idle = asyncio.create_task(app.state.supervisor.stop_idle_programs())
        yield
        idle.cancel()
        with suppress(asyncio.CancelledError):
            await idle
        await app.state.supervisor.close()
        await app.state.client.close()

    app = FastAPI(title="실습 도구", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.add_middleware(LoopbackOnly)
    add_proxy(app)
    add_traces(app)
    add_programs(app)
    add_exercises(app)
    if site is not None:
        add_site(app, site, lab_url)
    return app


def add_site(app: FastAPI, folder: Path, lab_url: str) -> None:
    """빌드한 사이트를 더합니다. 다른 경로보다 나중에 더해야 합니다."""

    @app.get("/sitemap.xml", include_in_schema=False)
    async def read_sitemap() -> Response:
        return Response(sitemap(folder, lab_url), media_type="application/xml")

    @app.get("/assets/js/lab/here.js", include_in_schema=False)
    async def say_that_the_lab_is_here() -> Response:
        # 정적 사이트의 같은 파일은 false입니다. 브라우저가 어느 쪽도 기억하지 않게 합니다.
        script = "(window.lab ??= {}).isHere = true;\n"
        return Response(script, media_type="text/javascript", headers={"Cache-Control": "no-store"})

    app.mount("/", StaticFiles(directory=folder, html=True), name="site")


def add_proxy(app: FastAPI) -> None:
    """예제로 가는 길을 더합니다."""

    async def run(request: Request) -> Response:
        name, path = request.path_params["name"], request.path_params["path"]
        if not path and request.method == "GET":  # 주소만 연 사람은 경로의 목록을 봅니다.
            return RedirectResponse(f"/run/{name}/docs")
        path = path.removeprefix("/")
        programs = supervisor_of(request)
        try:
            running = await programs.ensure(name)
        except (StartError, ServiceUnavailableError) as error:
            first, *lines = str(error).splitlines()
            return proxy.problem(502, first, lines)
        client: aiohttp.ClientSession = request.app.state.client
        if request.method == "GET" and swagger.is_page(path):
            try:
                async with client.get(f"{running.url}/{path}") as page:
                    return HTMLResponse(swagger.rewrite_html(await page.text()), page.status)
            except (proxy.NoAnswerError, aiohttp.ClientError, TimeoutError):
                return proxy.problem(502, proxy.NO_ANSWER)
        touch = partial(programs.touch, name)
        return await proxy.forward(client, request, running, touch)

    # 예제의 응답 시간에 더해지므로, 의존성과 검증을 거치지 않는 Starlette의 경로로 더합니다.
    register_url_convertor("anything", Anything())
    route = Route("/run/{name}{path:anything}", run, include_in_schema=False)
    route.methods = None  # 예제가 답하도록, 어떤 메서드든 넘깁니다.
    app.router.routes.append(route)

    @app.post("/lab/burst")
    async def send_burst(request: Request, programs: Programs) -> Any:
        body = await proxy.read_body(request)
        if body is None:
            return proxy.problem(413, "본문이 너무 큽니다")
        try:
            burst = Burst.model_validate_json(body)
        except ValidationError as error:
            return proxy.problem(422, f"보낼 요청을 잘못 적었습니다: {error.errors()[0]['loc']}")
        running = await programs.ensure(burst.program)
        return {"statuses": await send_all(request.app.state.client, running.url, burst)}

    @app.get("/lab/assets/{name}", include_in_schema=False)
    async def read_asset(name: str) -> Response:
        try:
            content, media_type = swagger.asset(name)
        except FileNotFoundError:
            return JSONResponse({"detail": "없는 파일입니다"}, status_code=404)
        return Response(content, media_type=media_type)


def add_programs(app: FastAPI) -> None:
    """예제의 상태를 보고 고장을 내는 경로를 더합니다."""

    @app.get("/lab/programs")
    async def list_programs(programs: Programs) -> list[dict[str, Any]]:
        return programs.describe_all()

    @app.get("/lab/programs/{name}")
    async def read_program(programs: Programs, name: str) -> dict[str, Any]:
        return programs.describe(name)

    @app.post("/lab/programs/{name}/start")
    async def start_program(programs: Programs, name: str) -> dict[str, Any]:
        with suppress(StartError, ServiceUnavailableError):  # 이유는 error에 담깁니다.
            await programs.ensure(name)
        return programs.describe(name)

    @app.post("/lab/programs/{name}/stop")
    async def stop_program(programs: Programs, name: str) -> dict[str, Any]:
        await programs.stop(name)
        return programs.describe(name)

    @app.post("/lab/programs/{name}/processes/{process}/{action}")
    async def act(programs: Programs, name: str, process: str, action: Action) -> dict[str, Any]:
        await programs.act(name, process, action)
        return programs.describe(name)

    @app.exception_handler(UnknownProgramError)
    @app.exception_handler(UnknownProcessError)
    async def explain_unknown(_request: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, status_code=404)

    @app.exception_handler(StartError)
    @app.exception_handler(ServiceUnavailableError)
    async def explain_conflict(_request: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, status_code=409)


def add_exercises(app: FastAPI) -> None:
    """연습을 확인하는 경로를 더합니다."""

    @app.post("/lab/check/{number}")
    async def check_exercise(request: Request, number: str) -> Any:
        button: Button = request.app.state.button
        try:
            return await button.check(number)
        except UnknownExerciseError as error:
            return JSONResponse({"detail": str(error)}, status_code=404)
        except BusyError as error:
            return JSONResponse({"detail": str(error)}, status_code=409)
