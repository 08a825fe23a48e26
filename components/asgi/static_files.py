"""Serve the scripts of the live components: some twenty small files a page."""

import hashlib
import mimetypes
from collections.abc import Sequence
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class ScriptFiles:
    """Serves a folder of small files, which the browser caches but revalidates each time.

    Files are read on the event loop: handing one this small to a thread and back takes ten times as long.
    """

    def __init__(self, folder: Path) -> None:
        self._files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*.*")}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._response(scope)(scope, receive, send)

    def _response(self, scope: Scope) -> Response:
        path = self._files.get(scope["path"].removeprefix(scope["root_path"]).lstrip("/"))
        if path is None or scope["method"] not in ("GET", "HEAD"):
            return PlainTextResponse("Not found.", 404)
        body = path.read_bytes()
        tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        headers = {"cache-control": "no-cache", "etag": tag}
        if Headers(scope=scope).get("if-none-match", "").removeprefix("W/") == tag:
            return Response(status_code=304, headers=headers)
        return Response(body, headers=headers, media_type=mimetypes.guess_type(path.name)[0])


class PreloadMiddleware:
    """Adds a `Link: rel=modulepreload` header for each script to the *pages* that need them.

    So the browser loads them while it loads Streamlit's own. Scripts in *lazy* are left to be imported when
    they are needed.
    """

    def __init__(
        self, app: ASGIApp, pages: Sequence[str], folder: Path, mount: str, lazy: Sequence[str] = ()
    ) -> None:
        self._app = app
        self._pages = pages
        names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.js"))
        self._links = ", ".join(
            f"<{mount}/{name}>; rel=modulepreload; fetchpriority=low" for name in names if name not in lazy
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_links(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["link"] = self._links
            await send(message)

        is_page = scope["type"] == "http" and scope["path"] in self._pages
        await self._app(scope, receive, send_with_links if is_page else send)
