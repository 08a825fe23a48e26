"""What the ASGI app has besides Streamlit's pages: middleware, routes, static files, start and shutdown."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Router
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send
from streamlit import get_option

from components.asgi.document import FRONT_END, document_routes
from components.asgi.network import access_policy
from components.asgi.no_delay import NoDelayMiddleware
from components.asgi.security import SecurityMiddleware
from components.asgi.static_files import BundleMiddleware, VersionedScripts
from components.runtime import resources
from components.runtime.startup import (
    import_without_gc,
    limit_blas_threads,
    start_preloading,
    switch_threads_often,
)
from components.ui.scripts import script_urls
from core.paths import DATA
from core.redaction import install_log_redaction
from core.runs import event_loop


def routes() -> list[BaseRoute]:
    """Return what is served besides the pages' contents: documents, static files, routes of components."""
    return [
        Mount("/assets/fonts", _ImmutableFiles(directory=DATA / "fonts")),
        Mount(f"/{script_urls.PREFIX}", VersionedScripts()),
        Mount("/live", _live_app),
        *document_routes(),
    ]


async def _live_app(scope: Scope, receive: Receive, send: Send) -> None:
    if not _live_router.cache_info().currsize:
        await asyncio.to_thread(import_without_gc, _live_router)
    await _live_router()(scope, receive, send)


@cache
def _live_router() -> Router:
    """Import the routes and the database that they need; a page that shows nothing live does not."""
    from components.compare.routes import compare_routes
    from components.history.routes import history_routes
    from components.live.routes import live_routes
    from components.tokenview.routes import token_routes

    return Router(
        [
            Mount("/comparisons", routes=compare_routes()),
            Mount("/history", routes=history_routes()),
            Mount("/tokens", routes=token_routes()),
            *live_routes(),
        ]
    )


class _ImmutableFiles(StaticFiles):
    """Serves files that never change."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = "public, max-age=604800"
        return response


def middleware() -> list[Middleware]:
    """Return the middleware around Streamlit and our routes: whoever passes it acts as the owner.

    Exits if other machines could connect although the operator has not allowed it.
    """
    policy = access_policy(get_option("server.address"), get_option("server.allowedHosts"), os.environ)
    return [
        Middleware(NoDelayMiddleware),
        Middleware(SecurityMiddleware, policy=policy, on_page=resources.jobs.page_requested),
        Middleware(BundleMiddleware, folder=FRONT_END / "static" / "js"),
    ]


@asynccontextmanager
async def lifespan(_app: object) -> AsyncIterator[None]:
    """Run jobs on the server's event loop while it runs, and save unfinished ones when it stops."""
    install_log_redaction()
    limit_blas_threads()
    switch_threads_often()
    event_loop.set_loop(asyncio.get_running_loop())
    start_preloading()
    try:
        yield
    finally:
        await resources.close_resources()
