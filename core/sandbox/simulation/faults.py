"""Faults that a client can request, by name."""

import random
import re
from dataclasses import dataclass
from enum import StrEnum


class FaultPlace(StrEnum):
    """What a fault replaces: the response with an error or a page, a part of the body, or the reply."""

    STATUS = "status"
    PAGE = "page"
    BODY = "body"
    REPLY = "reply"


@dataclass(frozen=True, slots=True)
class FaultType:
    """A kind of fault. *value* is its default number, and *unit* the meaning of the number.

    The fields are those of `GET /sandbox/faults`.
    """

    name: str
    place: FaultPlace
    description: str
    value: float = 0
    unit: str = ""


def _status(name: str, description: str, value: float = 0, unit: str = "") -> FaultType:
    return FaultType(name, FaultPlace.STATUS, description, value, unit)


def _after_tokens(name: str, description: str) -> FaultType:
    return FaultType(name, FaultPlace.BODY, description, 5, "tokens before the fault")


_STATUS_FAULTS = (
    _status("400", "Context window exceeded (context_length_exceeded)."),
    _status("401", "Invalid API key (invalid_api_key)."),
    _status("403", "Country not supported (unsupported_country_region_territory)."),
    _status("404", "Model not found (model_not_found)."),
    _status("408", "Request timeout; the SDK retries."),
    _status("409", "Conflict with another request; the SDK retries."),
    _status("413", "Request too large."),
    _status("415", "Unsupported content type."),
    _status("422", "Unprocessable request."),
    _status("429", "Rate limit exceeded, with Retry-After; the SDK retries.", 1, "seconds (Retry-After)"),
    _status("insufficient_quota", "429: quota exceeded; a retry does not help."),
    _status("500", "Internal server error; the SDK retries."),
    FaultType("502", FaultPlace.PAGE, "HTML error page of a gateway; the SDK retries."),
    _status("503", "Model overloaded; the SDK retries."),
    _status("504", "Gateway timeout; the SDK retries."),
)
_RESPONSE_FAULTS = (
    FaultType("html-200", FaultPlace.PAGE, "HTML page with status 200, as from a base URL without /v1."),
    FaultType("content-type", FaultPlace.BODY, "Correct body with the content type text/plain."),
)
_REPLY_FAULTS = (
    FaultType("refusal", FaultPlace.REPLY, "The model refuses, as with Structured Outputs."),
    FaultType("content-filter", FaultPlace.REPLY, "The reply is cut, with finish reason content_filter."),
    FaultType("schema-ignored", FaultPlace.REPLY, "Text instead of JSON, as from servers without schemas."),
)
_STREAM_FAULTS = (
    FaultType("slow", FaultPlace.BODY, "Delay before the first token.", 5, "seconds"),
    FaultType("stall", FaultPlace.BODY, "Pause in the middle of the reply.", 600, "seconds"),
    _after_tokens("truncate", "The stream ends without a finish reason or [DONE]."),
    _after_tokens("half-event", "The stream ends in the middle of an event."),
    _after_tokens("disconnect", "The connection is reset."),
    _after_tokens("malformed", "An event with invalid JSON."),
    _after_tokens("empty-event", "An event without data."),
    _after_tokens("null-choices", "A chunk whose choices are null."),
    _after_tokens("error-event", "An error event in a stream that started with status 200."),
    _after_tokens("response-failed", "Responses: status failed. Chat Completions: an error event."),
    _after_tokens("flat-error", "The same error event in the format of vLLM, without an error object."),
    _after_tokens("endless", "A reply that never ends."),
    _after_tokens("huge-token", "A single token of 3 MB."),
)
FAULT_TYPES = {
    fault_type.name: fault_type
    for fault_type in (*_STATUS_FAULTS, *_RESPONSE_FAULTS, *_REPLY_FAULTS, *_STREAM_FAULTS)
}

ALWAYS = 1_000_000
_FAULT = re.compile(
    r"(?P<name>[a-z0-9_-]+)"
    r"(?:=(?P<value>\d+(?:\.\d+)?))?"
    r"(?:\*(?P<times>\d{1,6}|always)|%(?P<percent>\d{1,3}))?"
)


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault for the next *times* requests, or for *percent* of the requests."""

    fault_type: FaultType
    value: float
    times: int = 1
    percent: int | None = None

    def applies(self, seed: str) -> bool:
        """Return whether the fault applies to a request: by chance if it has a *percent*, else always."""
        return self.percent is None or random.Random(seed).random() * 100 < self.percent


def parse_fault(text: str) -> Fault:
    """Parse `429`, `429*2`, `stall=3`, `truncate=10*always` or `500%25`. Raises ValueError."""
    match = _FAULT.fullmatch(text.strip())
    if match is None or match["name"] not in FAULT_TYPES:
        raise ValueError(f"unknown fault '{text.strip()[:40]}'; GET /sandbox/faults lists them")
    fault_type = FAULT_TYPES[match["name"]]
    times = ALWAYS if match["times"] == "always" else int(match["times"] or 1)
    percent = int(match["percent"]) if match["percent"] else None
    return Fault(fault_type, float(match["value"] or fault_type.value), times, percent)


def format_fault(fault: Fault) -> str:
    """Return *fault* in the format of `parse_fault`."""
    value = f"={fault.value:g}" if fault.value != fault.fault_type.value else ""
    if fault.percent is not None:
        return f"{fault.fault_type.name}{value}%{fault.percent}"
    times = {1: "", ALWAYS: "*always"}.get(fault.times, f"*{fault.times}")
    return f"{fault.fault_type.name}{value}{times}"
