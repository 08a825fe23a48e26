"""The responses, events and bodies that faults produce."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from starlette.responses import Response

from core.sandbox.api.errors import ApiError
from core.sandbox.simulation.faults import Fault, FaultPlace
from core.sandbox.simulation.latency import ScheduledBytes

_HTML_PAGE = (
    "<!doctype html><html><head><title>{title}</title></head>"
    "<body><h1>{title}</h1><p>The sandbox sent this page because a fault was requested.</p></body></html>"
)
_HUGE_TOKEN_BYTES = 3 * 1024 * 1024
_SERVER_ERROR = "server_error"

# Status, message, type, param and code by the name of the fault.
_ERRORS: dict[str, tuple[int, str, str, str | None, str | None]] = {
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


_RESPONSES_PATH = "/v1/responses"
_CONTEXT_LENGTH = (
    "Your input exceeds the context window of this model. Please adjust your input and try again."
)


def build_response(fault: Fault, path: str) -> Response | None:
    """Return the response that *fault* replaces that of *path* with; None for a fault in the body."""
    name = fault.fault_type.name
    if fault.fault_type.place is FaultPlace.STATUS:
        status, message, error_type, param, code = _ERRORS[name]
        if path == _RESPONSES_PATH and param == "messages":
            message, param = _CONTEXT_LENGTH, "input"
        headers = {}
        if name == "429":
            headers = {
                "retry-after": f"{fault.value:g}",
                "retry-after-ms": f"{fault.value * 1000:.0f}",
                "x-ratelimit-remaining-requests": "0",
                "x-ratelimit-reset-requests": f"{fault.value:g}s",
            }
        error = ApiError(status, message, error_type=error_type, param=param, code=code, headers=headers)
        return error.to_response()
    if fault.fault_type.place is FaultPlace.PAGE:
        status, title = (502, "502 Bad Gateway") if name == "502" else (200, "Welcome")
        return Response(_HTML_PAGE.format(title=title), status, media_type="text/html")
    return None


def _event(data: str) -> bytes:
    return f"data: {data}\n\n".encode()


_INSERTED_EVENTS = {
    "malformed": _event('{"id": "chatcmpl-broken", "choices": [{"delta": {"content"'),
    "empty-event": b"data:\n\n",
    "null-choices": _event(
        '{"id":"chatcmpl-null","object":"chat.completion.chunk","created":0,"model":"","choices":null}'
    ),
}
_ERROR_EVENT = _event(
    '{"error":{"message":"The server had an error while processing your request.",'
    '"type":"server_error","param":null,"code":null}}'
)
_LAST_EVENTS = {
    "error-event": _ERROR_EVENT,
    "response-failed": _ERROR_EVENT,
    "flat-error": _event(
        '{"object":"error","message":"The engine died.","type":"InternalServerError","code":500}'
    ),
}


@dataclass(frozen=True, slots=True)
class StreamFormat:
    """What faults send in a stream; the default is a stream of chat completion chunks.

    *content* is an event with `%s` in place of the content, and *lead* the number of events before the first
    content. *renumber* returns an event as the one at a position of the stream.
    """

    content: bytes = b""
    lead: int = 1
    inserted: Mapping[str, bytes] = field(default_factory=lambda: _INSERTED_EVENTS)
    last: Mapping[str, bytes] = field(default_factory=lambda: _LAST_EVENTS)
    renumber: Callable[[bytes, int], bytes] | None = None


def apply_to_stream(
    events: Iterable[ScheduledBytes], fault: Fault | None, stream_format: StreamFormat
) -> Iterator[ScheduledBytes]:
    """Apply *fault* to the events of a stream."""
    if fault is None:
        return iter(events)
    changed = _change_stream(events, fault, stream_format)
    if (renumber := stream_format.renumber) is None:
        return changed
    return ((time, renumber(event, position)) for position, (time, event) in enumerate(changed))


def _change_stream(
    events: Iterable[ScheduledBytes], fault: Fault, stream_format: StreamFormat
) -> Iterator[ScheduledBytes]:
    name, value = fault.fault_type.name, fault.value
    if name == "slow":
        return ((time + value, event) for time, event in events)
    all_events = list(events)
    tokens = 5 if name == "stall" else int(value)
    lead = stream_format.lead
    # After the first events and the tokens, but at most half of the rest: a short reply is affected too.
    split = max(lead, min(lead + tokens, (lead - 1 + len(all_events)) // 2))
    before, after = all_events[:split], all_events[split:]
    last_time, last_event = before[-1]
    if name == "endless":
        # At least 1 ms apart: an endless reply without delay would block all other requests.
        gap = max(0.001, (last_time - before[0][0]) / max(1, len(before) - 1))
        endless = ((last_time + gap * number, last_event) for number in itertools.count(1))
        return itertools.chain(before, endless)
    return itertools.chain(before, _replace_events(name, value, last_time, after, stream_format))


def _replace_events(
    name: str, value: float, time: float, events: list[ScheduledBytes], stream_format: StreamFormat
) -> list[ScheduledBytes]:
    """Return what the fault called *name* sends in place of the remaining *events*."""
    if name == "stall":
        return [(offset + value, event) for offset, event in events]
    if name in stream_format.inserted:
        return [(time, stream_format.inserted[name]), *events]
    if name == "huge-token":
        return [(time, stream_format.content % (b'"' + b"x" * _HUGE_TOKEN_BYTES + b'"')), *events]
    if name in stream_format.last:
        return [(time, stream_format.last[name])]
    if name == "half-event":
        return [(offset, event[: len(event) // 2]) for offset, event in events[:1]]
    return [] if name in ("truncate", "disconnect") else events


def apply_to_body(time: float, pieces: Iterable[bytes], fault: Fault | None) -> list[ScheduledBytes]:
    """Apply *fault* to a response that is sent at once; *pieces* are the parts of its body."""
    name, value = (fault.fault_type.name, fault.value) if fault else ("", 0)
    if name in ("slow", "stall"):
        time += value
    if name in ("truncate", "half-event", "disconnect", "malformed"):
        content = b"".join(pieces)
        pieces = [content[: len(content) // 2]]
    return [(time, piece) for piece in pieces]
