"""The outer wall: who may talk to the app, and what a page may load."""

from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})

# Streamlit's v2 components load their scripts as blobs and its charts compile WebAssembly; nothing may be
# fetched from anywhere else, so no reply can make the browser call out.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "frame-src 'none'",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

_SECURITY_HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "geolocation=(), microphone=(), payment=()",
}

_BLOCKED_PATHS = ("/_stcore/metrics", "/_stcore/agent")


class SecurityMiddleware:
    """Refuses foreign Hosts and Origins, hides Streamlit's service routes, and adds the security headers.

    *hosts* are the names the app answers to, without ports. A WebSocket or a request that carries an Origin
    must come from the very host it is sent to: another port on this machine is another origin.
    """

    def __init__(self, app: ASGIApp, hosts: Iterable[str], on_page: Callable[[], None] | None = None) -> None:
        self._app = app
        self._hosts = frozenset(hosts)
        self._on_page = on_page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        if refusal := self._refusal(scope):
            await _refuse(refusal, scope, receive, send)
            return
        if self._on_page and _is_page(scope):
            self._on_page()
        await self._app(scope, receive, _with_headers(send))

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if host.rpartition(":")[0] not in self._hosts and host not in self._hosts:
            return 421, "This app does not answer to that host name."
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != host:
            return 403, "This app does not answer to other sites."
        if scope["path"].startswith(_BLOCKED_PATHS):
            return 404, "Not found."
        return None


def _is_page(scope: Scope) -> bool:
    return scope["type"] == "http" and "text/html" in Headers(scope=scope).get("accept", "")


def _with_headers(send: Send) -> Send:
    async def sender(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _SECURITY_HEADERS.items():
                headers[name] = value
        await send(message)

    return sender


async def _refuse(refusal: tuple[int, str], scope: Scope, receive: Receive, send: Send) -> None:
    status, reason = refusal
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 4403, "reason": reason})
        return
    await PlainTextResponse(reason, status)(scope, receive, send)
