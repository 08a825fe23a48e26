"""Faults on request: what can go wrong with a call, by name."""

import random
import re
from dataclasses import dataclass
from enum import StrEnum


class FaultPlace(StrEnum):
    """Where a fault strikes: instead of the answer, in its body, or before its first byte."""

    STATUS = "status"
    PAGE = "page"
    BODY = "body"


@dataclass(frozen=True, slots=True)
class FaultType:
    """One fault; *value* is its number when none is given, and *unit* says what the number means."""

    name: str
    place: FaultPlace
    about: str
    value: float = 0
    unit: str = ""


_STATUS_KINDS = (
    FaultType(
        "400", FaultPlace.STATUS, "The prompt is longer than the context window (context_length_exceeded)."
    ),
    FaultType("401", FaultPlace.STATUS, "The key is refused (invalid_api_key)."),
    FaultType("403", FaultPlace.STATUS, "The key may not use this (unsupported_country_region_territory)."),
    FaultType("404", FaultPlace.STATUS, "The model does not exist (model_not_found)."),
    FaultType("408", FaultPlace.STATUS, "The server gave up waiting; the SDK retries."),
    FaultType("409", FaultPlace.STATUS, "The resource was changed by another request; the SDK retries."),
    FaultType("413", FaultPlace.STATUS, "The request is too large."),
    FaultType("415", FaultPlace.STATUS, "The content type is not JSON."),
    FaultType("422", FaultPlace.STATUS, "The request is well-formed and still makes no sense."),
    FaultType(
        "429",
        FaultPlace.STATUS,
        "Too many requests: rate limit with Retry-After.",
        1,
        "seconds of Retry-After",
    ),
    FaultType(
        "insufficient_quota",
        FaultPlace.STATUS,
        "429 because the account has no credit: waiting does not help.",
    ),
    FaultType("500", FaultPlace.STATUS, "The server had an error; the SDK retries."),
    FaultType("502", FaultPlace.PAGE, "A gateway answers with an HTML page."),
    FaultType("503", FaultPlace.STATUS, "The model is overloaded; the SDK retries."),
    FaultType("504", FaultPlace.STATUS, "A gateway gave up waiting; the SDK retries."),
)
_PAGE_KINDS = (
    FaultType("html-200", FaultPlace.PAGE, "An HTML page with status 200, as from a base URL without /v1."),
    FaultType("content-type", FaultPlace.BODY, "The right bytes under the content type text/plain."),
)
_STREAM_KINDS = (
    FaultType("slow", FaultPlace.BODY, "The first token comes late.", 5, "seconds"),
    FaultType("stall", FaultPlace.BODY, "Silence in the middle of the reply.", 600, "seconds"),
    FaultType(
        "truncate",
        FaultPlace.BODY,
        "The stream ends without a finish reason or [DONE].",
        5,
        "tokens sent first",
    ),
    FaultType(
        "half-event", FaultPlace.BODY, "The stream ends in the middle of an event.", 5, "tokens sent first"
    ),
    FaultType("disconnect", FaultPlace.BODY, "The connection is reset.", 5, "tokens sent first"),
    FaultType("malformed", FaultPlace.BODY, "An event that is not JSON.", 5, "tokens sent first"),
    FaultType("empty-event", FaultPlace.BODY, "An event without data.", 5, "tokens sent first"),
    FaultType("null-choices", FaultPlace.BODY, "A chunk whose choices are null.", 5, "tokens sent first"),
    FaultType(
        "error-event",
        FaultPlace.BODY,
        "An error in the middle of a stream that began with 200.",
        5,
        "tokens sent first",
    ),
    FaultType(
        "flat-error",
        FaultPlace.BODY,
        "The same in vLLM's flat form, without the envelope.",
        5,
        "tokens sent first",
    ),
    FaultType("endless", FaultPlace.BODY, "A reply that never ends.", 5, "tokens sent first"),
    FaultType("huge-token", FaultPlace.BODY, "One token of 3 MB.", 5, "tokens sent first"),
)
FAULT_TYPES = {kind.name: kind for kind in (*_STATUS_KINDS, *_PAGE_KINDS, *_STREAM_KINDS)}

ALWAYS = 1_000_000
_SPEC = re.compile(
    r"(?P<kind>[a-z0-9_-]+)(?:=(?P<value>\d+(?:\.\d+)?))?(?:\*(?P<times>\d{1,6}|always)|%(?P<share>\d{1,3}))?"
)


@dataclass(frozen=True, slots=True)
class Fault:
    """A kind with its number, striking the next *times* requests, or *share* per cent of them."""

    fault_type: FaultType
    value: float
    times: int = 1
    percent: int | None = None

    def applies(self, seed: str) -> bool:
        """Decide by *seed* whether a share strikes; a counted fault always does."""
        return self.percent is None or random.Random(seed).random() * 100 < self.percent


def parse_fault(text: str) -> Fault:
    """Read `429`, `429*2`, `stall=3`, `truncate=10*always` or `500%25`. Raises ValueError."""
    found = _SPEC.fullmatch(text.strip())
    if found is None or found["kind"] not in FAULT_TYPES:
        raise ValueError(f"unknown fault '{text.strip()[:40]}'; GET /sandbox/faults lists them")
    kind = FAULT_TYPES[found["kind"]]
    times = ALWAYS if found["times"] == "always" else int(found["times"] or 1)
    share = int(found["share"]) if found["share"] else None
    return Fault(kind, float(found["value"] or kind.value), times, share)


def format_fault(fault: Fault) -> str:
    """Write *fault* so that `parse` reads it back."""
    value = f"={fault.value:g}" if fault.value != fault.fault_type.value else ""
    if fault.percent is not None:
        return f"{fault.fault_type.name}{value}%{fault.percent}"
    times = {1: "", ALWAYS: "*always"}.get(fault.times, f"*{fault.times}")
    return f"{fault.fault_type.name}{value}{times}"
