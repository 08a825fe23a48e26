"""What the ASGI app has besides Streamlit's pages: the guard, the live routes, the assets, start and end."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Thread

from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

from components import process
from components.guard import LOOPBACK, Guard
from components.live.routes import live_routes
from core import background
from core.redaction import install_logging

_ROOT = Path(__file__).parent.parent


def routes() -> list[BaseRoute]:
    """Everything served beside the pages; nothing here needs a key, and no file of a user is among it."""
    return [
        Mount("/assets/fonts", StaticFiles(directory=_ROOT / "data" / "fonts")),
        Mount("/live/assets", StaticFiles(directory=_ROOT / "components" / "live" / "assets")),
        Mount("/live", routes=live_routes()),
    ]


def middleware() -> list[Middleware]:
    """The guard, around Streamlit and our routes alike."""
    return [Middleware(Guard, hosts=allowed_hosts(), on_page=process.jobs.page_asked)]


def allowed_hosts(environ: Mapping[str, str] = os.environ) -> frozenset[str]:
    """The host names the app answers to: this machine's, and those the operator adds on purpose."""
    added = environ.get("PLAYGROUND_ALLOWED_HOSTS", "")
    return LOOPBACK | {host.strip() for host in added.split(",") if host.strip()}


@asynccontextmanager
async def lifespan(_app: object) -> AsyncIterator[None]:
    """Bind replies to the server's loop while it runs, and leave nothing half written behind."""
    install_logging()
    background.bind(asyncio.get_running_loop())
    Thread(target=process.warm_up, name="warm-up", daemon=True).start()
    try:
        yield
    finally:
        await process.close()
