"""빌드한 사이트를 GitHub Pages처럼 압축(gzip)해서 제공하는 서버입니다."""

import os

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

files = StaticFiles(directory=os.environ["SITE"], html=True)
app = Starlette(routes=[Mount("/", files)], middleware=[Middleware(GZipMiddleware)])
