"""Test what a server supports, with one small request per check; each result comes with its evidence."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.errors.explain import explain, is_transport_error
from core.errors.types import Explanation
from core.servers.capability_checks import Check, CheckOutcome, ProbeTarget, SupportStatus

_TIMEOUT = 20.0
# What servers send for a path that they do not have. A 404 with another message or with a code can concern a
# model or a recorded reply, on an endpoint that exists.
_NO_ENDPOINT_CODE = "unknown_url"
_NO_ENDPOINT = re.compile(
    r"^(error code: 404)?$|^(404 )?(page )?not found\.?$|^a web page|^cannot (get|post) /|file not found"
    r"|(no such|unknown|invalid|unexpected|unsupported) (request )?(endpoint|path|route|url)"
    r"|(endpoint|path|route|url) (was )?not found",
    re.IGNORECASE,
)
# Statuses that say nothing about the capability: no permission, no credit, no such model, too busy, a
# gateway's error.
_INCONCLUSIVE = frozenset({401, 402, 403, 404, 408, 429, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class CapabilityResult:
    """Whether one capability is supported; *evidence* is a short fact from the reply. Redacted."""

    capability: str
    status: SupportStatus
    evidence: str


def find_embedding_model(models: Sequence[str]) -> str:
    """Return the first of *models* whose name is that of an embedding model; empty if there is none."""
    return next((model for model in models if "embed" in model.lower() or "minilm" in model.lower()), "")


async def run_check(check: Check, target: ProbeTarget, timeout: float = _TIMEOUT) -> list[CapabilityResult]:
    """Run one check within *timeout* seconds. Whatever the server does becomes a result, never an error."""
    count = len(check.capabilities)
    outcomes: Sequence[CheckOutcome]
    try:
        if check.can_run(target):
            async with asyncio.timeout(timeout):
                outcomes = await check.run(target)
        else:
            outcomes = [(SupportStatus.UNKNOWN, "The server lists no model for it.")] * count
    except (AttributeError, TypeError, KeyError, IndexError, ValueError) as exc:
        # The SDK does not validate replies: a missing field is noticed only here, where it is read.
        outcomes = [(SupportStatus.NO, f"The reply cannot be read ({type(exc).__name__}).")] * count
    except Exception as exc:  # noqa: BLE001 - a server can fail in any way; `explain` logs what is a bug
        outcomes = [_outcome_of_error(exc, str(target.client.base_url))] * count
    return [
        CapabilityResult(capability, status, evidence)
        for capability, (status, evidence) in zip(check.capabilities, outcomes, strict=True)
    ]


def _outcome_of_error(exc: Exception, base_url: str) -> CheckOutcome:
    error = explain(exc, base_url=base_url)
    if error.status == 404 and _is_unknown_endpoint(error):
        return SupportStatus.NO, "404: no such endpoint."
    if error.status == 405:
        method = getattr(getattr(exc, "request", None), "method", "")
        # A path that cannot be listed may still accept an upload.
        status = SupportStatus.NO if method == "POST" else SupportStatus.UNKNOWN
        return status, f"405: the path exists, but does not accept {method or 'this method'}."
    evidence = f"{error.status}: {error.detail or error.title}" if error.status else error.title
    inconclusive = is_transport_error(exc) or error.status in _INCONCLUSIVE or error.status is None
    return (SupportStatus.UNKNOWN if inconclusive else SupportStatus.NO), evidence


def _is_unknown_endpoint(error: Explanation) -> bool:
    has_own_code = error.code is not None and not error.code.isdigit()
    return error.code == _NO_ENDPOINT_CODE if has_own_code else bool(_NO_ENDPOINT.search(error.detail))
