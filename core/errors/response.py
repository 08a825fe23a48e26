"""Read what an exception holds, whichever server's shape its body has."""

import math
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import mktime_tz, parsedate_tz
from html import unescape
from typing import Any

from core.errors.types import StreamError

# The SDK waits no longer than this for a server that says when to come back, and then does not retry at all.
MAX_RETRY_AFTER = 120.0

_NOT_RETRYABLE = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"})

# Servers that send no code, or their own: the wording tells.
_CODE_BY_WORDING = tuple(
    (re.compile(wording, re.IGNORECASE), code)
    for wording, code in (
        (r"maximum context length|context size|context window|exceeds? .*n_ctx", "context_length_exceeded"),
        (r"function tools with reasoning_effort", "tools_with_effort"),
        (r"must contain the word .?json", "json_word_missing"),
        (r"model .{1,80}(not found|does not exist|is not loaded)|no models? loaded", "model_not_found"),
        (r"exceeded your current quota", "insufficient_quota"),
        (r"no connected db|no_db_connection", "invalid_api_key"),
    )
)


@dataclass(frozen=True, slots=True)
class ErrorResponse:
    """What a server said about a call that failed; empty where it said nothing."""

    message: str = ""
    code: str | None = None
    param: str | None = None
    type: str | None = None
    status: int | None = None
    request_id: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def retry_after(self) -> float | None:
        """Seconds the server asks to wait, however many."""
        return parse_retry_after(self.headers)

    @property
    def retryable(self) -> bool:
        """The SDK's own policy for statuses, except that a spent quota is never tried again."""
        if self.code in _NOT_RETRYABLE or self.type in _NOT_RETRYABLE:
            return False
        if (self.retry_after or 0.0) > MAX_RETRY_AFTER:
            return False
        asked = self.headers.get("x-should-retry")
        if asked in ("true", "false"):
            return asked == "true"
        return self.status is not None and (self.status in (408, 409, 429) or self.status >= 500)


def parse_error(exc: BaseException) -> ErrorResponse:
    """Collect what *exc* knows. It need not be the SDK's: what is missing stays empty."""
    response = getattr(exc, "response", None)
    headers = dict(response.headers) if response is not None else {}
    said = _normalise_body(getattr(exc, "body", None))
    code = said.get("code") or getattr(exc, "code", None) or None
    message = said.get("message") or (str(exc) if isinstance(exc, StreamError) else "")
    return ErrorResponse(
        message=message,
        code=_code(code, message),
        param=_text(said.get("param")),
        type=_text(said.get("type")),
        status=getattr(exc, "status_code", None),
        request_id=headers.get("x-request-id"),
        headers=headers,
    )


def parse_retry_after(headers: Mapping[str, str], now: float | None = None) -> float | None:
    """Read `retry-after-ms` or `retry-after` (seconds or an HTTP date); None if absent, past or nonsense."""
    milliseconds = _number(headers.get("retry-after-ms"))
    value = headers.get("retry-after")
    seconds = milliseconds / 1000 if milliseconds is not None else _number(value)
    if seconds is None and value:
        seconds = _seconds_until(value, time.time() if now is None else now)
    return seconds if seconds is not None and math.isfinite(seconds) and seconds > 0 else None


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None


def _seconds_until(date: str, now: float) -> float | None:
    parsed = parsedate_tz(date)
    try:
        return mktime_tz(parsed) - now if parsed else None
    except (ValueError, OverflowError, OSError):
        return None


def _code(code: Any, message: str) -> str | None:
    """Prefer the wording to a code that says nothing: none, or a mere status."""
    if code is not None and not str(code).isdigit():
        return "invalid_api_key" if code == "no_db_connection" else str(code)
    by_wording = (found for wording, found in _CODE_BY_WORDING if wording.search(message))
    return next(by_wording, None if code is None else str(code))


def _normalise_body(body: object) -> dict[str, Any]:
    """Bring a body to the keys of the API: message, code, param, type."""
    if isinstance(body, str):
        return {"message": _page_title(body) or body.strip()}
    if isinstance(body, list) and body:
        return _normalise_body(body[0])
    if not isinstance(body, dict):
        return {}
    inner = body.get("error")
    if isinstance(inner, dict | str) and inner:
        return {**body, **_normalise_body(inner)}
    return {**body, "message": _message(body)}


def _message(body: Mapping[str, Any]) -> str:
    found = next(
        (body[name] for name in ("message", "detail", "error_description", "msg") if body.get(name)), ""
    )
    if isinstance(found, list):
        return "; ".join(_message(item) if isinstance(item, dict) else str(item) for item in found)
    return _message(found) if isinstance(found, dict) else str(found)


def _page_title(text: str) -> str:
    """Return the title of an HTML page, or that it is one; nothing for other text."""
    if not re.match(r"\s*(<!doctype html|<html|<head|<body|<\?xml)", text, re.IGNORECASE):
        return ""
    title = re.search(r"<title[^>]*>([^<]{1,200})", text, re.IGNORECASE)
    return f"A web page: {unescape(title[1]).strip()}" if title else "A web page"


def _text(value: object) -> str | None:
    return None if value is None else str(value)
