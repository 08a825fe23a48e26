"""Faults on request: what can go wrong with a call, by name."""

import random
import re
from dataclasses import dataclass
from enum import StrEnum


class Place(StrEnum):
    """Where a fault strikes: instead of the answer, in its body, or before its first byte."""

    STATUS = "status"
    PAGE = "page"
    BODY = "body"


@dataclass(frozen=True, slots=True)
class Kind:
    """One fault; *value* is its number when none is given, and *unit* says what the number means."""

    name: str
    place: Place
    about: str
    value: float = 0
    unit: str = ""


_STATUS_KINDS = (
    Kind("400", Place.STATUS, "The prompt is longer than the context window (context_length_exceeded)."),
    Kind("401", Place.STATUS, "The key is refused (invalid_api_key)."),
    Kind("403", Place.STATUS, "The key may not use this (unsupported_country_region_territory)."),
    Kind("404", Place.STATUS, "The model does not exist (model_not_found)."),
    Kind("408", Place.STATUS, "The server gave up waiting; the SDK retries."),
    Kind("409", Place.STATUS, "The resource was changed by another request; the SDK retries."),
    Kind("413", Place.STATUS, "The request is too large."),
    Kind("415", Place.STATUS, "The content type is not JSON."),
    Kind("422", Place.STATUS, "The request is well-formed and still makes no sense."),
    Kind("429", Place.STATUS, "Too many requests: rate limit with Retry-After.", 1, "seconds of Retry-After"),
    Kind("insufficient_quota", Place.STATUS, "429 because the account has no credit: waiting does not help."),
    Kind("500", Place.STATUS, "The server had an error; the SDK retries."),
    Kind("502", Place.PAGE, "A gateway answers with an HTML page."),
    Kind("503", Place.STATUS, "The model is overloaded; the SDK retries."),
    Kind("504", Place.STATUS, "A gateway gave up waiting; the SDK retries."),
)
_PAGE_KINDS = (
    Kind("html-200", Place.PAGE, "An HTML page with status 200, as from a base URL without /v1."),
    Kind("content-type", Place.BODY, "The right bytes under the content type text/plain."),
)
_STREAM_KINDS = (
    Kind("slow", Place.BODY, "The first token comes late.", 5, "seconds"),
    Kind("stall", Place.BODY, "Silence in the middle of the reply.", 600, "seconds"),
    Kind(
        "truncate", Place.BODY, "The stream ends without a finish reason or [DONE].", 5, "tokens sent first"
    ),
    Kind("half-event", Place.BODY, "The stream ends in the middle of an event.", 5, "tokens sent first"),
    Kind("disconnect", Place.BODY, "The connection is reset.", 5, "tokens sent first"),
    Kind("malformed", Place.BODY, "An event that is not JSON.", 5, "tokens sent first"),
    Kind("empty-event", Place.BODY, "An event without data.", 5, "tokens sent first"),
    Kind("null-choices", Place.BODY, "A chunk whose choices are null.", 5, "tokens sent first"),
    Kind(
        "error-event",
        Place.BODY,
        "An error in the middle of a stream that began with 200.",
        5,
        "tokens sent first",
    ),
    Kind(
        "flat-error",
        Place.BODY,
        "The same in vLLM's flat form, without the envelope.",
        5,
        "tokens sent first",
    ),
    Kind("endless", Place.BODY, "A reply that never ends.", 5, "tokens sent first"),
    Kind("huge-token", Place.BODY, "One token of 3 MB.", 5, "tokens sent first"),
)
KINDS = {kind.name: kind for kind in (*_STATUS_KINDS, *_PAGE_KINDS, *_STREAM_KINDS)}

ALWAYS = 1_000_000
_SPEC = re.compile(
    r"(?P<kind>[a-z0-9_-]+)(?:=(?P<value>\d+(?:\.\d+)?))?(?:\*(?P<times>\d{1,6}|always)|%(?P<share>\d{1,3}))?"
)


@dataclass(frozen=True, slots=True)
class Fault:
    """A kind with its number, striking the next *times* requests, or *share* per cent of them."""

    kind: Kind
    value: float
    times: int = 1
    share: int | None = None

    def strikes(self, seed: str) -> bool:
        """Decide by *seed* whether a share strikes; a counted fault always does."""
        return self.share is None or random.Random(seed).random() * 100 < self.share


def parse(text: str) -> Fault:
    """Read `429`, `429*2`, `stall=3`, `truncate=10*always` or `500%25`. Raises ValueError."""
    found = _SPEC.fullmatch(text.strip())
    if found is None or found["kind"] not in KINDS:
        raise ValueError(f"unknown fault '{text.strip()[:40]}'; GET /sandbox/faults lists them")
    kind = KINDS[found["kind"]]
    times = ALWAYS if found["times"] == "always" else int(found["times"] or 1)
    share = int(found["share"]) if found["share"] else None
    return Fault(kind, float(found["value"] or kind.value), times, share)


def spell(fault: Fault) -> str:
    """Write *fault* so that `parse` reads it back."""
    value = f"={fault.value:g}" if fault.value != fault.kind.value else ""
    if fault.share is not None:
        return f"{fault.kind.name}{value}%{fault.share}"
    times = {1: "", ALWAYS: "*always"}.get(fault.times, f"*{fault.times}")
    return f"{fault.kind.name}{value}{times}"
