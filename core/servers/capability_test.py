"""Test what a server supports, with one small request per check; each result comes with its evidence."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from core.errors.explain import explain, is_transport_error
from core.servers.capability_checks import Check, CheckOutcome, ProbeTarget, SupportStatus

_TIMEOUT = 20.0
_NOT_IMPLEMENTED = frozenset({404, 405, 501})
# Statuses that say nothing about the capability: no permission, no credit, too busy, a gateway's error.
_INCONCLUSIVE = frozenset({401, 402, 403, 408, 429, 502, 503, 504})


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
    evidence = f"{error.status}: {error.detail or error.title}" if error.status else error.title
    if error.status in _NOT_IMPLEMENTED and error.code != "model_not_found":
        no_endpoint = f"{error.status}: no such endpoint."
        return SupportStatus.NO, evidence if error.status == 501 else no_endpoint
    inconclusive = is_transport_error(exc) or error.status in _INCONCLUSIVE or error.status is None
    return (SupportStatus.UNKNOWN if inconclusive else SupportStatus.NO), evidence
