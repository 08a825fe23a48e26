"""Who may ask, and how much: loopback hosts only, no browsers, one key, bounded bodies and concurrency."""

import asyncio
import hmac
import re
import secrets
from dataclasses import dataclass, field

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.sandbox.api.errors import ApiError, invalid_request
from core.sandbox.api.request_body import MAX_BODY_BYTES, drain, request_too_large
from core.sandbox.simulation import fault_responses, faults, latency
from core.sandbox.simulation.faults import Fault, FaultPlace
from core.sandbox.simulation.latency import Latency
from core.sandbox.simulation.rate_limits import RateLimitCounter
from core.sandbox.simulation.request_log import RequestLog, RequestLogEntry
from core.sandbox.simulation.settings import SandboxSettings

_MOST_AT_A_TIME = 100
_LOOPBACK = {"127.0.0.1", "localhost", "[::1]"}
_PORT = re.compile(r":\d{1,5}$")


@dataclass(slots=True)
class RequestContext:
    """One request as the routes see it: its journal entry, and what was asked for by header."""

    log_entry: RequestLogEntry
    latency: Latency
    seed: int
    fault: Fault | None = None
    started: float = field(default_factory=lambda: asyncio.get_running_loop().time())


class SandboxMiddleware:
    """Checks every request, keeps the journal, and adds the headers that every answer of the API carries."""

    def __init__(
        self,
        app: ASGIApp,
        key: str,
        settings: SandboxSettings,
        request_log: RequestLog,
        rate_limits: RateLimitCounter,
    ) -> None:
        self._app = app
        self._key = key
        self._controls = settings
        self._journal = request_log
        self._active = 0
        self._meter = rate_limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = self._open(scope)
        self._active += 1
        try:
            await self._answer(exchange, scope, receive, self._with_headers(exchange, send))
        finally:
            self._active -= 1
            exchange.log_entry.ended = (
                exchange.log_entry.started + asyncio.get_running_loop().time() - exchange.started
            )

    def _open(self, scope: Scope) -> RequestContext:
        attempt = Headers(scope=scope).get("x-stainless-retry-count", "0")
        tries = int(attempt) if attempt.isdecimal() and len(attempt) < 4 else 0
        entry = RequestLogEntry(f"req_{secrets.token_hex(16)}", scope["method"], scope["path"][:100], tries)
        exchange = RequestContext(entry, self._controls.latency, self._controls.seed)
        if scope["path"].startswith("/v1/"):
            self._journal.add(entry)
            self._meter.add_request()
        scope["exchange"] = exchange
        return exchange

    async def _answer(self, exchange: RequestContext, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            self._admit(scope)
            response = self._struck(exchange, scope)
        except ApiError as problem:
            response = JSONResponse(problem.to_dict(), problem.status, headers=problem.headers)
        if response is None:
            await self._app(scope, receive, send)
            return
        await drain(receive)
        await response(scope, receive, send)

    def _admit(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        _check_origin(headers)
        self._check_key(headers.get("authorization", ""))
        _check_length(headers)
        if self._active > _MOST_AT_A_TIME and scope["path"].startswith("/v1/"):
            message = (
                "The sandbox is busy with as many requests as it takes at a time. Try again in a second."
            )
            raise ApiError(
                503, message, error_type="server_error", code="overloaded", headers={"retry-after": "1"}
            )

    def _check_key(self, authorization: str) -> None:
        scheme, _, given = authorization.partition(" ")
        if scheme.lower() != "bearer" or not given.strip():
            raise ApiError(401, _NO_KEY)
        if not hmac.compare_digest(given.strip().encode(), self._key.encode()):
            message = (
                f"Incorrect API key provided: {mask_key(given.strip())}. Use the key shown at its start."
            )
            raise ApiError(401, message, code="invalid_api_key")

    def _struck(self, exchange: RequestContext, scope: Scope) -> Response | None:
        """Read the sandbox's own headers; answer at once if a fault takes the place of the answer."""
        headers = Headers(scope=scope)
        if not scope["path"].startswith("/v1/"):
            return None
        try:
            exchange.latency = (
                latency.parse_latency(headers["x-sandbox-pace"])
                if "x-sandbox-pace" in headers
                else exchange.latency
            )
            exchange.fault = self._fault(scope, headers, exchange.log_entry.attempt)
        except ValueError as error:
            raise invalid_request(f"{error}.", None, "invalid_sandbox_header") from error
        if exchange.fault is None:
            return None
        exchange.log_entry.fault = faults.format_fault(exchange.fault)
        return _instead(exchange.fault)

    def _fault(self, scope: Scope, headers: Headers, attempt: int) -> Fault | None:
        asked = headers.get("x-sandbox-fault", "")
        if asked:
            scenario = headers.get("x-sandbox-scenario", "")
            return self._controls.requested_fault(faults.parse_fault(asked), scenario, attempt)
        counts = scope["method"] == "POST" and scope["path"] != "/v1/responses/input_tokens"
        return self._controls.next_fault() if counts else None

    def _with_headers(self, exchange: RequestContext, send: Send) -> Send:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                exchange.log_entry.status = message["status"]
                self._add_headers(exchange, MutableHeaders(scope=message))
            elif message.get("body"):
                exchange.log_entry.writes += 1
            await send(message)

        return sending

    def _add_headers(self, exchange: RequestContext, headers: MutableHeaders) -> None:
        spent = asyncio.get_running_loop().time() - exchange.started
        common = {
            "x-sandbox": "1",
            "x-request-id": exchange.log_entry.id,
            "openai-processing-ms": f"{spent * 1000:.0f}",
            "openai-version": "2020-10-01",
            "openai-organization": "sandbox",
            **self._meter.headers(),
        }
        for name, value in common.items():
            headers.setdefault(name, value)


_NO_KEY = (
    "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer "
    "auth (i.e. Authorization: Bearer YOUR_KEY)."
)


def mask_key(key: str) -> str:
    """Show as little of *key* as the API does."""
    return f"{key[:3]}***{key[-2:]}" if len(key) > 8 else "***"


def _check_origin(headers: Headers) -> None:
    if _PORT.sub("", headers.get("host", "")) not in _LOOPBACK:
        raise ApiError(403, "The sandbox answers to 127.0.0.1 and localhost only.", code="host_refused")
    if "origin" in headers:
        raise ApiError(403, "The sandbox does not answer web pages.", code="origin_refused")


def _check_length(headers: Headers) -> None:
    if (
        int(headers.get("content-length", "0")) > MAX_BODY_BYTES
    ):  # the protocol has seen to it that it is a number
        raise request_too_large()


def _instead(fault: Fault) -> Response | None:
    """Build the whole answer of a fault that does not need the real one."""
    if fault.fault_type.place is FaultPlace.STATUS:
        problem = fault_responses.build_error(fault)
        return JSONResponse(problem.to_dict(), problem.status, headers=problem.headers)
    if fault.fault_type.place is FaultPlace.PAGE:
        status, title = (502, "502 Bad Gateway") if fault.fault_type.name == "502" else (200, "Welcome")
        return Response(fault_responses.HTML_PAGE.format(title=title), status, media_type="text/html")
    return None
