"""Who may ask, and how much: loopback hosts only, no browsers, one key, bounded bodies and concurrency."""

import asyncio
import hmac
import re
import secrets
from dataclasses import dataclass, field

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.sandbox.api.errors import ApiProblem, invalid
from core.sandbox.api.request_body import MAX_BODY, drain, too_large
from core.sandbox.simulation import fault_responses, faults, latency
from core.sandbox.simulation.faults import Fault, Place
from core.sandbox.simulation.latency import Pace
from core.sandbox.simulation.rate_limits import Meter
from core.sandbox.simulation.request_log import Entry, Journal
from core.sandbox.simulation.settings import Controls

_MOST_AT_A_TIME = 100
_LOOPBACK = {"127.0.0.1", "localhost", "[::1]"}
_PORT = re.compile(r":\d{1,5}$")


@dataclass(slots=True)
class Exchange:
    """One request as the routes see it: its journal entry, and what was asked for by header."""

    entry: Entry
    pace: Pace
    seed: int
    fault: Fault | None = None
    started: float = field(default_factory=lambda: asyncio.get_running_loop().time())


class Guard:
    """Checks every request, keeps the journal, and adds the headers that every answer of the API carries."""

    def __init__(self, app: ASGIApp, key: str, controls: Controls, journal: Journal, meter: Meter) -> None:
        self._app = app
        self._key = key
        self._controls = controls
        self._journal = journal
        self._active = 0
        self._meter = meter

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
            exchange.entry.ended = (
                exchange.entry.started + asyncio.get_running_loop().time() - exchange.started
            )

    def _open(self, scope: Scope) -> Exchange:
        attempt = Headers(scope=scope).get("x-stainless-retry-count", "0")
        tries = int(attempt) if attempt.isdecimal() and len(attempt) < 4 else 0
        entry = Entry(f"req_{secrets.token_hex(16)}", scope["method"], scope["path"][:100], tries)
        exchange = Exchange(entry, self._controls.pace, self._controls.seed)
        if scope["path"].startswith("/v1/"):
            self._journal.open(entry)
            self._meter.count_request()
        scope["exchange"] = exchange
        return exchange

    async def _answer(self, exchange: Exchange, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            self._admit(scope)
            response = self._struck(exchange, scope)
        except ApiProblem as problem:
            response = JSONResponse(problem.envelope(), problem.status, headers=problem.headers)
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
            raise ApiProblem(
                503, message, kind="server_error", code="overloaded", headers={"retry-after": "1"}
            )

    def _check_key(self, authorization: str) -> None:
        scheme, _, given = authorization.partition(" ")
        if scheme.lower() != "bearer" or not given.strip():
            raise ApiProblem(401, _NO_KEY)
        if not hmac.compare_digest(given.strip().encode(), self._key.encode()):
            message = f"Incorrect API key provided: {masked(given.strip())}. Use the key shown at its start."
            raise ApiProblem(401, message, code="invalid_api_key")

    def _struck(self, exchange: Exchange, scope: Scope) -> Response | None:
        """Read the sandbox's own headers; answer at once if a fault takes the place of the answer."""
        headers = Headers(scope=scope)
        if not scope["path"].startswith("/v1/"):
            return None
        try:
            exchange.pace = (
                latency.parse(headers["x-sandbox-pace"]) if "x-sandbox-pace" in headers else exchange.pace
            )
            exchange.fault = self._fault(scope, headers, exchange.entry.attempt)
        except ValueError as error:
            raise invalid(f"{error}.", None, "invalid_sandbox_header") from error
        if exchange.fault is None:
            return None
        exchange.entry.fault = faults.spell(exchange.fault)
        return _instead(exchange.fault)

    def _fault(self, scope: Scope, headers: Headers, attempt: int) -> Fault | None:
        asked = headers.get("x-sandbox-fault", "")
        if asked:
            scenario = headers.get("x-sandbox-scenario", "")
            return self._controls.asked_fault(faults.parse(asked), scenario, attempt)
        counts = scope["method"] == "POST" and scope["path"] != "/v1/responses/input_tokens"
        return self._controls.next_fault() if counts else None

    def _with_headers(self, exchange: Exchange, send: Send) -> Send:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                exchange.entry.status = message["status"]
                self._add_headers(exchange, MutableHeaders(scope=message))
            elif message.get("body"):
                exchange.entry.writes += 1
            await send(message)

        return sending

    def _add_headers(self, exchange: Exchange, headers: MutableHeaders) -> None:
        spent = asyncio.get_running_loop().time() - exchange.started
        common = {
            "x-sandbox": "1",
            "x-request-id": exchange.entry.id,
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


def masked(key: str) -> str:
    """Show as little of *key* as the API does."""
    return f"{key[:3]}***{key[-2:]}" if len(key) > 8 else "***"


def _check_origin(headers: Headers) -> None:
    if _PORT.sub("", headers.get("host", "")) not in _LOOPBACK:
        raise ApiProblem(403, "The sandbox answers to 127.0.0.1 and localhost only.", code="host_refused")
    if "origin" in headers:
        raise ApiProblem(403, "The sandbox does not answer web pages.", code="origin_refused")


def _check_length(headers: Headers) -> None:
    if int(headers.get("content-length", "0")) > MAX_BODY:  # the protocol has seen to it that it is a number
        raise too_large()


def _instead(fault: Fault) -> Response | None:
    """Build the whole answer of a fault that does not need the real one."""
    if fault.kind.place is Place.STATUS:
        problem = fault_responses.problem(fault)
        return JSONResponse(problem.envelope(), problem.status, headers=problem.headers)
    if fault.kind.place is Place.PAGE:
        status, title = (502, "502 Bad Gateway") if fault.kind.name == "502" else (200, "Welcome")
        return Response(fault_responses.HTML.format(title=title), status, media_type="text/html")
    return None
