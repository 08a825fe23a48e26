"""Test what a server can do: one small call per capability, each verdict with its evidence."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from core.errors.explain import explain, is_transport_error
from core.errors.types import Explanation
from core.servers.capability_checks import CHECKS, Check, CheckOutcome, ProbeTarget, SupportStatus

_TIMEOUT = 20.0
_NOT_IMPLEMENTED = frozenset({404, 405, 501})
_INCONCLUSIVE = frozenset({401, 402, 403, 408, 429, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class CapabilityResult:
    """What one capability came to; *evidence* is a short fact from the reply. Redacted."""

    capability: str
    status: SupportStatus
    evidence: str


def find_embedding_model(models: Sequence[str]) -> str:
    """Return the first of *models* that embeds, judging by its name; empty if none does."""
    return next((model for model in models if "embed" in model.lower() or "minilm" in model.lower()), "")


async def run_checks(subject: ProbeTarget) -> AsyncIterator[CapabilityResult]:
    """Run all checks, one after the other, and yield findings as they come; stop iterating to stop it."""
    for check in CHECKS:
        for finding in await run_check(check, subject):
            yield finding


async def run_check(check: Check, subject: ProbeTarget, timeout: float = _TIMEOUT) -> list[CapabilityResult]:
    """Run one check within *patience* seconds; whatever the server does becomes a finding."""
    if not check.can_run(subject):
        outcomes: Sequence[CheckOutcome] = [
            (SupportStatus.UNKNOWN, "The server lists no model for it.")
        ] * len(check.capabilities)
    else:
        outcomes = await _outcomes(check, subject, timeout)
    return [
        CapabilityResult(capability, verdict, evidence)
        for capability, (verdict, evidence) in zip(check.capabilities, outcomes, strict=True)
    ]


async def _outcomes(check: Check, subject: ProbeTarget, patience: float) -> Sequence[CheckOutcome]:
    try:
        async with asyncio.timeout(patience):
            return await check.run(subject)
    except (AttributeError, TypeError, KeyError, IndexError, ValueError) as exc:
        # The SDK does not validate replies: what is missing from one shows only here.
        outcome = (SupportStatus.NO, f"The reply cannot be read ({type(exc).__name__}).")
    except Exception as exc:  # noqa: BLE001 - a server can fail in any way; `explain` says which, or logs a bug
        outcome = _refusal(explain(exc, base_url=str(subject.client.base_url)), is_transport_error(exc))
    return [outcome] * len(check.capabilities)


def _refusal(why: Explanation, transport: bool) -> CheckOutcome:
    evidence = f"{why.status}: {why.detail or why.title}" if why.status else why.title
    if why.status in _NOT_IMPLEMENTED and why.code != "model_not_found":
        return SupportStatus.NO, f"{why.status}: no such endpoint." if why.status != 501 else evidence
    undecided = transport or why.status in _INCONCLUSIVE or why.status is None
    return (SupportStatus.UNKNOWN if undecided else SupportStatus.NO), evidence
