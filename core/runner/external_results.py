"""Complete the items of a job with results that were made elsewhere, such as by a batch."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.calls import new_run
from core.errors.types import Explanation
from core.json_values import JsonObject
from core.pricing.prices import BillingTerms, cost_of
from core.runner.options import OnEnd, Prepare
from core.runner.queue import DatabaseQueue
from core.runner.work import Claim, EndedItem, ItemState, WorkItem, WorkJob
from core.runs.run import Run, RunState

if TYPE_CHECKING:
    from core.client.profile import Profile

_MAX_ITEMS = 10_000


@dataclass(frozen=True, slots=True)
class ExternalResult:
    """The body of the response to the request of an item, or the error of the request."""

    body: JsonObject
    error: Explanation | None = None


@dataclass(frozen=True, slots=True)
class ResultReader:
    """How results become runs: *prepare* and *on_end* as of a runner, *read* ends a run with a response."""

    prepare: Prepare
    read: Callable[[Run, JsonObject], Run]
    on_end: OnEnd


def complete_items(
    job: WorkJob,
    queue: DatabaseQueue,
    results: Mapping[str, ExternalResult],
    profile: "Profile",
    reader: ResultReader,
) -> int:
    """Complete the items of *job* that have one of *results*, by their key, and return how many were.

    Items that have failed are completed by a success. The others stay as they are; it can be repeated.
    Costs are those of a batch. Blocking.
    """
    queue.recover()
    failed = queue.items((ItemState.FAILED,), _MAX_ITEMS)
    if any(item.key in results and results[item.key].error is None for item in failed):
        queue.retry_failed()

    def make_claim(item: WorkItem) -> Claim:
        request = reader.prepare(item)
        run = new_run(job.capability, request.call.endpoint, request.params, profile, job.id)
        return Claim(item, run, request.call)

    claims = queue.claim(_MAX_ITEMS, make_claim)
    queue.give_back([claim for claim in claims if claim.item.key not in results])
    ended = [claim for claim in claims if claim.item.key in results]
    _complete(queue, ended, results, profile, reader)
    return len(ended)


def _complete(
    queue: DatabaseQueue,
    claims: Sequence[Claim],
    results: Mapping[str, ExternalResult],
    profile: "Profile",
    reader: ResultReader,
) -> None:
    ended = []
    for claim in claims:
        result = results[claim.item.key]
        if result.error:
            run = replace(claim.run, state=RunState.FAILED, error=result.error, status=result.error.status)
        else:
            run = reader.read(claim.run, result.body)
            model, terms = (
                run.model or str(run.params.get("model", "")),
                BillingTerms(profile.kind, batch=True),
            )
            run = replace(run, cost=cost_of(run.usage, model, run.started_at, terms))
        reader.on_end(claim.item, run)
        state = ItemState.DONE if run.state is RunState.DONE else ItemState.FAILED
        ended.append(EndedItem(claim.item, run, (), state))
    if ended:
        queue.complete(ended)
