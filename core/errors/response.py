"""Read an error response, whatever the shape of its body: OpenAI's, FastAPI's, a gateway's, a web page."""

import math
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import mktime_tz, parsedate_tz
from typing import Any

from core.errors.types import StreamError
from core.errors.web_page import is_web_page, summarise_page

# What is searched and shown of a server's text, which can be megabytes long and made to slow a search down.
MAX_TEXT = 8_000
# What the sandbox adds to a response that it changes on request.
FAULT_HEADER = "x-sandbox-fault"

_MAX_NESTING = 5
_MAX_MESSAGES = 20

# The SDK does not retry at all when the server asks for a longer wait.
MAX_RETRY_AFTER = 120.0

_NOT_RETRYABLE = frozenset(
    {"insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "images_not_supported"}
)

_MAX_DESCRIBED = 4_000
_MAX_DESCRIPTION = 200

# Servers that send no code, or codes of their own, are recognised by the wording of the message.
_CODE_BY_WORDING = tuple(
    (re.compile(wording, re.IGNORECASE), code)
    for wording, code in (
        (
            r"maximum context length|context size|context window|exceeds? .{0,200}n_ctx",
            "context_length_exceeded",
        ),
        (r"function tools with reasoning_effort", "tools_with_effort"),
        (r"only supported in v1/responses", "responses_only"),
        (r"must contain the word .?json", "json_word_missing"),
        (r"model .{1,80}(not found|does not exist|is not loaded)|no models? loaded", "model_not_found"),
        (r"exceeded your current quota", "insufficient_quota"),
        (r"no connected db|no_db_connection", "invalid_api_key"),
        # llama.cpp without the file of the vision model sends this with status 500
        (r"image input is not supported", "images_not_supported"),
    )
)


@dataclass(frozen=True, slots=True)
class ErrorResponse:
    """What a server sent for a call that failed; a field that it did not send is empty."""

    message: str = ""
    code: str | None = None
    param: str | None = None
    type: str | None = None
    status: int | None = None
    request_id: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def has_own_code(self) -> bool:
        """Whether the server sent a code that says more than the status, which some repeat as code."""
        return self.code is not None and not self.code.isdigit()

    @property
    def retry_after(self) -> float | None:
        """Seconds that the server asks to wait, without an upper limit."""
        return parse_retry_after(self.headers)

    @property
    def simulated(self) -> bool:
        """Whether the sandbox sent this error because it was asked to."""
        return FAULT_HEADER in self.headers

    @property
    def retryable(self) -> bool:
        """The SDK's own policy for statuses, except for errors that a retry never solves."""
        if self.code in _NOT_RETRYABLE or self.type in _NOT_RETRYABLE:
            return False
        if (self.retry_after or 0.0) > MAX_RETRY_AFTER:
            return False
        should_retry = self.headers.get("x-should-retry")
        if should_retry in ("true", "false"):
            return should_retry == "true"
        return self.status is not None and (self.status in (408, 409, 429) or self.status >= 500)

    @property
    def is_overload(self) -> bool:
        """Whether the server asks for fewer requests, now or in general."""
        return self.status in (429, 503) and self.retryable


def parse_error(exc: BaseException) -> ErrorResponse:
    """Read the response that *exc* carries. Accepts any exception; what it does not have stays empty."""
    response = getattr(exc, "response", None)
    headers = dict(response.headers) if response is not None else {}
    body = _normalise_body(getattr(exc, "body", None))
    message = (body.get("message") or (str(exc) if isinstance(exc, StreamError) else ""))[:MAX_TEXT]
    code = body.get("code") or getattr(exc, "code", None) or None
    if code == "no_db_connection":  # LiteLLM, for a key it does not know
        code = "invalid_api_key"
    elif code is None or str(code).isdigit():  # a code that only repeats the status says nothing
        by_wording = (known for wording, known in _CODE_BY_WORDING if wording.search(message))
        code = next(by_wording, code)
    return ErrorResponse(
        message=message,
        code=_optional_str(code),
        param=_optional_str(body.get("param")),
        type=_optional_str(body.get("type")),
        status=getattr(exc, "status_code", None),
        request_id=headers.get("x-request-id"),
        headers=headers,
    )


def describe_body(text: str) -> str:
    """Return what a body that is not JSON says: the title of a web page, else the beginning of its text."""
    return str(_normalise_body(text[:_MAX_DESCRIBED])["message"])[:_MAX_DESCRIPTION]


def parse_retry_after(headers: Mapping[str, str], now: float | None = None) -> float | None:
    """Read `retry-after-ms` or `retry-after` (seconds or an HTTP date); None if absent, past or invalid."""
    milliseconds = _number(headers.get("retry-after-ms"))
    value = headers.get("retry-after")
    seconds = milliseconds / 1000 if milliseconds is not None else _number(value)
    if seconds is None and value:
        try:
            date = parsedate_tz(value)
            seconds = mktime_tz(date) - (time.time() if now is None else now) if date else None
        except (ValueError, OverflowError, OSError):
            return None
    return seconds if seconds is not None and math.isfinite(seconds) and seconds > 0 else None


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None


def _optional_str(value: object) -> str | None:
    return None if value is None else str(value)[:MAX_TEXT]


def _normalise_body(body: object, nesting: int = 0) -> dict[str, Any]:
    """Convert any body to the keys of the API: message, code, param, type."""
    if isinstance(body, str):
        body = body[:MAX_TEXT]
        if not is_web_page(body):
            return {"message": body.strip()}
        summary = summarise_page(body)
        return {"message": f"A web page: {summary}" if summary else "A web page"}
    if nesting >= _MAX_NESTING:
        return {}
    if isinstance(body, list) and body:
        return _normalise_body(body[0], nesting + 1)
    if not isinstance(body, dict):
        return {}
    inner = body.get("error")
    if isinstance(inner, dict | str) and inner:
        return {**body, **_normalise_body(inner, nesting + 1)}
    return {**body, "message": _message(body)}


def _message(body: Mapping[str, Any], nesting: int = 0) -> str:
    if nesting >= _MAX_NESTING:
        return ""
    names = ("message", "detail", "error_description", "msg")
    value = next((body[name] for name in names if body.get(name)), "")
    # FastAPI sends a list of objects, one for each field that is invalid.
    if isinstance(value, list):
        items = value[:_MAX_MESSAGES]
        return "; ".join(
            _message(item, nesting + 1) if isinstance(item, dict) else str(item) for item in items
        )
    return _message(value, nesting + 1) if isinstance(value, dict) else str(value)
