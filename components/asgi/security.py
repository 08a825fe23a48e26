"""Which hosts and origins may use the app, and what its pages may load."""

from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from components.asgi.network import TRUSTED_NETWORKS, AccessPolicy

# Streamlit's v2 components load their scripts as blobs and its charts compile WebAssembly. Everything else
# comes from this server only, so no reply can make the browser send a request elsewhere.
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
    """Rejects other machines, Hosts and Origins, blocks Streamlit's service routes, adds security headers.

    The Origin of a WebSocket or a request, where there is one, must equal its Host: another port on this
    machine is another origin. *on_page* is called when a browser requests a page.
    """

    def __init__(self, app: ASGIApp, policy: AccessPolicy, on_page: Callable[[], None] | None = None) -> None:
        self._app = app
        self._policy = policy
        self._on_page = on_page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        if rejection := self._rejection(scope):
            await _reject(*rejection, scope, receive, send)
            return
        accept = Headers(scope=scope).get("accept", "")
        if self._on_page and scope["type"] == "http" and "text/html" in accept:
            self._on_page()

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _SECURITY_HEADERS.items():
                    headers[name] = value
            await send(message)

        await self._app(scope, receive, send_with_headers)

    def _rejection(self, scope: Scope) -> tuple[int, str] | None:
        """Return the status and the reason of a rejection; None to let the request pass."""
        headers = Headers(scope=scope)
        # The Host is what the client claims, its address is not.
        if not self._policy.allows_peer((scope.get("client") or ("",))[0]):
            return 403, f"Address not allowed. See {TRUSTED_NETWORKS} in the README."
        host = headers.get("host", "")
        if not {host, host.rpartition(":")[0]} & self._policy.hosts:
            return 421, "Host not allowed."
        origin = headers.get("origin")
        if origin is None:
            # Every browser sends the Origin of a WebSocket; other programs on this machine may leave it out.
            is_allowed = scope["type"] == "http" or not self._policy.is_shared
        else:
            is_allowed = urlsplit(origin).netloc == host
        if not is_allowed:
            return 403, "Origin not allowed."
        if scope["path"].startswith(_BLOCKED_PATHS):
            return 404, "Not found."
        return None


async def _reject(status: int, reason: str, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()  # the connect message, which must be read before closing
        await send({"type": "websocket.close", "code": 4403, "reason": reason})
        return
    await PlainTextResponse(reason, status)(scope, receive, send)
