"""What the ASGI app has besides Streamlit's pages: the guard, the live routes, the assets, start and end."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from threading import Thread
from typing import Any

from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Router
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from components.asgi.security import LOOPBACK, SecurityMiddleware
from components.asgi.static_files import PreloadMiddleware, ScriptFiles
from components.runtime import resources
from core.paths import DATA, ROOT
from core.redaction import install_log_redaction
from core.runs import event_loop

_LIVE = ROOT / "components" / "live" / "assets"


def routes() -> list[BaseRoute]:
    """Everything served beside the pages; nothing here needs a key, and no file of a user is among it."""
    return [
        Mount("/assets/fonts", _ImmutableFiles(directory=DATA / "fonts")),
        Mount("/live/assets", ScriptFiles(_LIVE)),
        Mount("/tokenview/assets", ScriptFiles(ROOT / "components" / "tokenview" / "assets")),
        Mount("/live", _live_app),
    ]


async def _live_app(scope: Scope, receive: Receive, send: Send) -> None:
    if not _live_router.cache_info().currsize:
        await asyncio.to_thread(resources.import_without_gc, _live_router)
    await _live_router()(scope, receive, send)


@cache
def _live_router() -> Router:
    """Import what the live routes need, the database among it, when a page first asks for it."""
    from components.live.routes import live_routes
    from components.tokenview.routes import token_routes

    return Router([Mount("/tokens", routes=token_routes()), *live_routes()])


class _ImmutableFiles(StaticFiles):
    """Files that never change."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = "public, max-age=604800"
        return response


def middleware() -> list[Middleware]:
    """The guard, around Streamlit and our routes alike: whoever gets past it is the owner."""
    return [
        Middleware(SecurityMiddleware, hosts=LOOPBACK, on_page=resources.jobs.page_requested),
        Middleware(
            PreloadMiddleware,
            pages=("/chat", "/vision"),
            folder=_LIVE,
            mount="live/assets",
            later=("vendor/highlight.js",),
        ),
    ]


@asynccontextmanager
async def lifespan(_app: object) -> AsyncIterator[None]:
    """Bind replies to the server's loop while it runs, and leave nothing half written behind."""
    install_log_redaction()
    # On a busy machine OpenBLAS's threads wait for each other: what takes one 2 ms took two of them 200 ms.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    event_loop.set_loop(asyncio.get_running_loop())
    Thread(target=resources.preload_after_first_page, name="warm-up", daemon=True).start()
    try:
        yield
    finally:
        await resources.close_resources()
