"""Access control, limits, logging and fault injection for every request."""

import asyncio
import re
import secrets

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.sandbox.api.errors import ApiError, invalid_request
from core.sandbox.api.request_body import (
    MAX_BODY_BYTES,
    MAX_HEADER_BYTES,
    MAX_UPLOAD_BYTES,
    headers_too_large,
    request_too_large,
    respond_unread,
)
from core.sandbox.simulation import fault_responses
from core.sandbox.simulation.access import AccessKeys
from core.sandbox.simulation.faults import format_fault, parse_fault
from core.sandbox.simulation.latency import parse_latency
from core.sandbox.simulation.rate_limits import MAX_CONCURRENT_REQUESTS
from core.sandbox.simulation.request_context import RequestContext, request_key
from core.sandbox.simulation.request_log import RequestLog, RequestLogEntry
from core.sandbox.simulation.settings import SandboxSettings

# Other calls, such as counting tokens, must not use up a fault that is meant for a reply.
_FAULT_PATHS = ("/v1/chat/completions", "/v1/responses", "/v1/embeddings")
_LOOPBACK_HOSTS = {"127.0.0.1", "localhost", "[::1]"}
_PORT = re.compile(r":\d{1,5}$")


class SandboxMiddleware:
    """Checks each request, logs it, injects faults, and adds the headers of the API to each response."""

    def __init__(
        self,
        app: ASGIApp,
        keys: AccessKeys,
        settings: SandboxSettings,
        request_log: RequestLog,
    ) -> None:
        self._app = app
        self._keys = keys
        self._settings = settings
        self._request_log = request_log
        self._active_requests = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # Sent by the OpenAI SDK with each retry.
        headers = Headers(scope=scope)
        attempt = headers.get("x-stainless-retry-count", "0")
        attempt_number = int(attempt) if attempt.isdecimal() and len(attempt) < 4 else 0
        request_id = f"req_{secrets.token_hex(16)}"
        entry = RequestLogEntry(request_id, scope["method"], scope["path"][:100], attempt_number)
        client = self._keys.client(request_key(headers))
        settings = self._settings
        context = RequestContext(
            entry, client, settings.latency(client), settings.seed(client), settings.rate_limits(client)
        )
        context.data_owner = self._keys.data_owner(request_key(headers))
        if scope["path"].startswith("/v1/"):
            self._request_log.add(entry, client)
        scope["context"] = context
        self._active_requests += 1
        try:
            await self._respond(context, scope, receive, self._with_api_headers(context, send))
        finally:
            self._active_requests -= 1
            entry.ended = entry.started + asyncio.get_running_loop().time() - context.started

    async def _respond(self, context: RequestContext, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        response: Response | None = None
        try:
            _check_framing(headers, scope)
            _check_origin(headers)
            self._keys.check(request_key(headers), scope["path"])
            if scope["path"].startswith("/v1/"):
                if self._active_requests > MAX_CONCURRENT_REQUESTS:
                    raise ApiError(
                        503,
                        f"The sandbox is at its limit of {MAX_CONCURRENT_REQUESTS} concurrent requests. "
                        "Try again in a second.",
                        error_type="server_error",
                        code="overloaded",
                        headers={"retry-after": "1"},
                    )
                self._read_sandbox_headers(context, headers, scope)
            if context.fault is not None:
                response = fault_responses.build_response(context.fault, scope["path"])
        except ApiError as error:
            response = error.to_response()
        if response is None:
            await self._app(scope, receive, send)
            return
        await respond_unread(response, scope, receive, send)

    def _read_sandbox_headers(self, context: RequestContext, headers: Headers, scope: Scope) -> None:
        """Set the latency and the fault of *context* from the headers, else from the settings."""
        try:
            if "x-sandbox-latency" in headers:
                context.latency = parse_latency(headers["x-sandbox-latency"])
            if fault_text := headers.get("x-sandbox-fault", ""):
                scenario = headers.get("x-sandbox-scenario", "")
                context.fault = self._settings.requested_fault(
                    parse_fault(fault_text), scenario, context.log_entry.attempt, context.client
                )
            elif scope["method"] == "POST" and scope["path"] in _FAULT_PATHS:
                context.fault = self._settings.next_fault(context.client)
        except ValueError as error:
            raise invalid_request(f"{error}.", None, "invalid_sandbox_header") from error
        if context.fault is not None:
            context.log_entry.fault = format_fault(context.fault)

    def _with_api_headers(self, context: RequestContext, send: Send) -> Send:
        async def send_with_api_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                context.log_entry.status = message["status"]
                elapsed = asyncio.get_running_loop().time() - context.started
                api_headers = {
                    "x-sandbox": "1",
                    "x-request-id": context.log_entry.id,
                    "openai-processing-ms": f"{elapsed * 1000:.0f}",
                    "openai-version": "2020-10-01",
                    "openai-organization": "sandbox",
                    **context.rate_limit_headers,
                }
                if context.reply_origin:
                    api_headers["x-sandbox-reply"] = context.reply_origin
                if context.log_entry.fault:
                    api_headers["x-sandbox-fault"] = context.log_entry.fault
                headers = MutableHeaders(scope=message)
                for name, value in api_headers.items():
                    headers.setdefault(name, value)
            elif message.get("body"):
                context.log_entry.writes += 1
            await send(message)

        return send_with_api_headers


def _check_framing(headers: Headers, scope: Scope) -> None:
    """Check the size of the request, and that it has only one statement of it."""
    size = sum(len(name) + len(value) for name, value in headers.raw)
    if size + len(scope["raw_path"]) + len(scope["query_string"]) > MAX_HEADER_BYTES:
        raise headers_too_large()
    if "content-length" in headers and "transfer-encoding" in headers:
        raise invalid_request("A request must not have both 'Content-Length' and 'Transfer-Encoding'.")
    # The HTTP parser rejects a Content-Length that is not a number.
    is_upload = (scope["method"], scope["path"]) == ("POST", "/v1/files")
    max_bytes = MAX_UPLOAD_BYTES if is_upload else MAX_BODY_BYTES
    if int(headers.get("content-length", "0")) > max_bytes:
        raise request_too_large(max_bytes)


def _check_origin(headers: Headers) -> None:
    """Refuse web pages that send requests to this machine: directly, or by DNS rebinding."""
    if _PORT.sub("", headers.get("host", "")) not in _LOOPBACK_HOSTS:
        raise ApiError(403, "The sandbox answers to 127.0.0.1 and localhost only.", code="host_refused")
    if "origin" in headers:
        raise ApiError(403, "The sandbox does not accept requests from web pages.", code="origin_refused")
