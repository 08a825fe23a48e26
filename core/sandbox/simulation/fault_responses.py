"""What each fault puts on the wire."""

import itertools
from collections.abc import Iterable, Iterator

from core.sandbox.api.errors import ApiError
from core.sandbox.simulation.faults import Fault
from core.sandbox.simulation.latency import ScheduledBytes

HTML_PAGE = (
    "<!doctype html><html><head><title>{title}</title></head>"
    "<body><h1>{title}</h1><p>This page comes from the sandbox, on request.</p></body></html>"
)
_HUGE = 3 * 1024 * 1024
_SERVER_ERROR = "server_error"

# By name: HTTP status, message, type, param and code.
_STATUSES: dict[str, tuple[int, str, str, str | None, str | None]] = {
    "400": (
        400,
        "This model's maximum context length is 128000 tokens. However, your messages resulted in 131072 "
        "tokens. Please reduce the length of the messages.",
        "invalid_request_error",
        "messages",
        "context_length_exceeded",
    ),
    "401": (401, "Incorrect API key provided.", "invalid_request_error", None, "invalid_api_key"),
    "403": (
        403,
        "Country, region, or territory not supported",
        "request_forbidden",
        None,
        "unsupported_country_region_territory",
    ),
    "404": (
        404,
        "The model does not exist or you do not have access to it.",
        "invalid_request_error",
        None,
        "model_not_found",
    ),
    "408": (408, "The server timed out waiting for the request.", "timeout", None, None),
    "409": (409, "The resource was changed by another request. Try again.", "conflict", None, None),
    "413": (413, "The request is too large.", "invalid_request_error", None, None),
    "415": (415, "The content type must be 'application/json'.", "invalid_request_error", None, None),
    "422": (
        422,
        "The request was well-formed but could not be processed.",
        "invalid_request_error",
        None,
        None,
    ),
    "429": (
        429,
        "Rate limit reached for requests per minute. Please try again later.",
        "requests",
        None,
        "rate_limit_exceeded",
    ),
    "insufficient_quota": (
        429,
        "You exceeded your current quota, please check your plan and billing details.",
        "insufficient_quota",
        None,
        "insufficient_quota",
    ),
    "500": (500, "The server had an error while processing your request.", _SERVER_ERROR, None, None),
    "503": (
        503,
        "That model is currently overloaded with other requests.",
        _SERVER_ERROR,
        None,
        "overloaded",
    ),
    "504": (504, "The gateway timed out.", _SERVER_ERROR, None, None),
}


def build_error(fault: Fault) -> ApiError:
    """Build the error that a status fault stands for."""
    status, message, kind, param, code = _STATUSES[fault.fault_type.name]
    headers = _limited(fault.value) if fault.fault_type.name == "429" else {}
    return ApiError(status, message, error_type=kind, param=param, code=code, headers=headers)


def _limited(seconds: float) -> dict[str, str]:
    """Tell how long to wait, as the API does, for requests that are all used up."""
    return {
        "retry-after": f"{seconds:g}",
        "retry-after-ms": f"{seconds * 1000:.0f}",
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": f"{seconds:g}s",
    }


def _event(data: str) -> bytes:
    return f"data: {data}\n\n".encode()


_INSERTED = {
    "malformed": _event('{"id": "chatcmpl-broken", "choices": [{"delta": {"content"'),
    "empty-event": b"data:\n\n",
    "null-choices": _event(
        '{"id":"chatcmpl-null","object":"chat.completion.chunk","created":0,"model":"","choices":null}'
    ),
}
_LAST_WORDS = {
    "error-event": _event(
        '{"error":{"message":"The server had an error while processing your request.",'
        '"type":"server_error","param":null,"code":null}}'
    ),
    "flat-error": _event(
        '{"object":"error","message":"The engine died.","type":"InternalServerError","code":500}'
    ),
}

_CUT_SHORT = ("truncate", "half-event", "disconnect", "malformed")


def apply_to_stream(
    steps: Iterable[ScheduledBytes], fault: Fault | None, huge: bytes = b""
) -> Iterator[ScheduledBytes]:
    """Let *fault* strike the events of a stream, of which the first announces the role.

    *huge* is the template of a content chunk around a `%s`, for the fault that needs one.
    """
    if fault is None:
        return iter(steps)
    name, value = fault.fault_type.name, fault.value
    if name == "slow":
        return ((offset + value, event) for offset, event in steps)
    before, after = _split(steps, 5 if name == "stall" else int(value))
    if name == "stall":
        late: list[ScheduledBytes] = [(offset + value, event) for offset, event in after]
        return itertools.chain(before, late)
    if name == "endless":
        return itertools.chain(before, _forever(before))
    return itertools.chain(before, _struck(name, before, after, huge))


def apply_to_body(step: ScheduledBytes, fault: Fault | None) -> list[ScheduledBytes]:
    """Let *fault* strike a reply that comes in one body."""
    offset, body = step
    name, value = (fault.fault_type.name, fault.value) if fault else ("", 0)
    if name in ("slow", "stall"):
        return [(offset + value, body)]
    if name in _CUT_SHORT:
        return [(offset, body[: len(body) // 2])]
    return [(offset, body)]


def _split(steps: Iterable[ScheduledBytes], tokens: int) -> tuple[list[ScheduledBytes], list[ScheduledBytes]]:
    """Split after the role and *tokens* tokens, at the middle at the latest, so that something is lost."""
    whole = list(steps)
    cut = max(1, min(1 + tokens, len(whole) // 2))
    return whole[:cut], whole[cut:]


def _struck(
    name: str, before: list[ScheduledBytes], after: list[ScheduledBytes], huge: bytes
) -> list[ScheduledBytes]:
    at = before[-1][0]
    if name in _INSERTED:
        return [(at, _INSERTED[name]), *after]
    if name == "huge-token":
        return [(at, huge % (b'"' + b"x" * _HUGE + b'"')), *after]
    if name in _LAST_WORDS:
        return [(at, _LAST_WORDS[name])]
    if name == "half-event":
        return [(offset, event[: len(event) // 2]) for offset, event in after[:1]]
    return [] if name in ("truncate", "disconnect") else after


def _forever(before: list[ScheduledBytes]) -> Iterator[ScheduledBytes]:
    """Repeat the last token at the pace of those before, at least 1 ms apart so that other requests live."""
    last, event = before[-1]
    gap = max(0.001, (last - before[0][0]) / max(1, len(before) - 1))
    return ((last + gap * number, event) for number in itertools.count(1))
