"""Recorded HTTP requests as the one run object that History, the metrics and the inspector read."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from core.calls import CallService, cost_of_run, new_run
from core.runs.run import Attempt, Run

if TYPE_CHECKING:
    from core.client.profile import Profile
    from core.resilience.attempts import HttpAttempt

CAPABILITY = "resilience"


def recorded_run(
    requests: "Sequence[HttpAttempt]", params: dict[str, Any], profile: "Profile", started_at: datetime
) -> Run:
    """Return the run of *params* that *requests* have made: all but the last are its failed attempts.

    The caller sets how it ended: its state, text, error and total.
    """
    run = replace(new_run(CAPABILITY, "chat.completions.create", params, profile), started_at=started_at)
    if not requests:
        return run
    last = requests[-1]
    return replace(
        run,
        attempts=tuple(_attempt(number, *pair) for number, pair in enumerate(pairwise(requests), 1)),
        status=last.status,
        headers=last.headers,
        request_id=last.headers.get("x-request-id"),
        usage=last.usage,
    )


def _attempt(number: int, failed: "HttpAttempt", following: "HttpAttempt") -> Attempt:
    reason = failed.error or (failed.problem.message if failed.problem else "") or str(failed.status)
    ended = following.started if failed.ended is None else failed.ended
    return Attempt(number, reason, max(0.0, following.started - ended), failed.retry_after is not None)


def save_runs(calls: CallService, runs: Sequence[Run]) -> None:
    """Save runs that have ended, with one transaction, and price those without a cost."""
    from core.storage.run_repository import insert_runs

    priced = [
        run if run.cost else replace(run, cost=cost_of_run(run, run.server_kind or "custom")) for run in runs
    ]
    calls.open_store().write(lambda connection: insert_runs(connection, calls.owner, priced))
    for run in priced:
        calls.on_end(run)
