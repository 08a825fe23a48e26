"""Serve the components' scripts quickly: a page takes some twenty small files."""

import hashlib
import mimetypes
from collections.abc import Sequence
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LOADER_SCRIPT = """
export default function (component) {
  let unmount = () => {};
  let gone = false;
  import(new URL("%s", document.baseURI)).then((module) => {
    if (!gone) unmount = module.mount(component);
  });
  return () => {
    gone = true;
    unmount();
  };
}
"""


def component_loader(path: str) -> str:
    """The script of a component whose module is at *path*, which the browser keeps: no rerun sends it."""
    return _LOADER_SCRIPT % path


class ScriptFiles:
    """A folder of small files. The browser keeps them, but asks each time whether one has changed.

    They are read in place: handing such a file to a thread and back takes ten times as long.
    """

    def __init__(self, folder: Path) -> None:
        self._files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*.*")}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._answer(scope)(scope, receive, send)

    def _answer(self, scope: Scope) -> Response:
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
    """Names the scripts under *mount* with the *pages* that need them: they load beside Streamlit's.

    Those that a page may never need, *later*, are left to it.
    """

    def __init__(
        self, app: ASGIApp, pages: Sequence[str], folder: Path, mount: str, later: Sequence[str] = ()
    ) -> None:
        self._app = app
        self._pages = pages
        names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.js"))
        self._links = ", ".join(
            f"<{mount}/{name}>; rel=modulepreload; fetchpriority=low" for name in names if name not in later
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        page = scope["type"] == "http" and scope["path"] in self._pages
        await self._app(scope, receive, self._linking(send) if page else send)

    def _linking(self, send: Send) -> Send:
        async def sender(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["link"] = self._links
            await send(message)

        return sender
