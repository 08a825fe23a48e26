"""Serve the scripts of a page: a hundred small files of Streamlit and one of ours, so each has to be cheap.

Files are read on the event loop: handing one this small to a thread and back takes longer than reading it.
"""

import hashlib
import mimetypes
from functools import cached_property
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from components.ui.scripts.script_urls import joined_script, script_files, scripts_version

_IMMUTABLE = "public, max-age=31536000, immutable"


class ScriptFiles:
    """Serves a folder of small files, which the browser caches but revalidates each time."""

    def __init__(self, folder: Path) -> None:
        self._files = _files_in(folder)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = _relative_path(scope)
        body = self._files[name].read_bytes() if name in self._files else None
        await _respond(body, name, "no-cache", scope)(scope, receive, send)


class VersionedScripts:
    """Serves the components' scripts below their version, which the browser keeps without asking again.

    Each is served with what it imports. A tab that was opened before an update gets the new scripts under
    the old version, without caching.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        version, _, name = _relative_path(scope).partition("/")
        cache_control = _IMMUTABLE if version == scripts_version() else "no-cache"
        body = joined_script(name) if name in script_files() else None
        await _respond(body, name, cache_control, scope)(scope, receive, send)


class BundleMiddleware:
    """Answers for the scripts of Streamlit's own front end, in *folder*, whose names contain a hash.

    Streamlit would read them in threads. A name that is not in the folder is left to it.
    """

    _PREFIX = "/static/js/"

    def __init__(self, app: ASGIApp, folder: Path) -> None:
        self._app = app
        self._folder = folder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(self._PREFIX):
            name = scope["path"].removeprefix(self._PREFIX)
            if name in self._files:
                body = self._files[name].read_bytes()
                await _respond(body, name, _IMMUTABLE, scope)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    @cached_property
    def _files(self) -> dict[str, Path]:
        return _files_in(self._folder)


def _files_in(folder: Path) -> dict[str, Path]:
    return {path.relative_to(folder).as_posix(): path for path in folder.rglob("*.*")}


def _relative_path(scope: Scope) -> str:
    path: str = scope["path"]
    return path.removeprefix(scope["root_path"]).lstrip("/")


def _respond(body: bytes | None, name: str, cache_control: str, scope: Scope) -> Response:
    if body is None or scope["method"] not in ("GET", "HEAD"):
        return PlainTextResponse("Not found.", 404)
    headers = {"cache-control": cache_control}
    if cache_control != _IMMUTABLE:
        headers["etag"] = tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if Headers(scope=scope).get("if-none-match", "").removeprefix("W/") == tag:
            return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=mimetypes.guess_type(name)[0])
