"""Saves the calls of a runner that have ended, many at once."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from core.calls import CallService, cost_of_run
from core.runner.group_commit import GroupCommit
from core.runner.options import OnEnd
from core.runner.progress import ProgressCounter
from core.runner.work import Claim, EndedItem, ItemState, WorkQueue
from core.runs.log import RunLog
from core.server_kind import ServerKind


@dataclass(frozen=True, slots=True)
class EndedCall:
    """A call that has ended, with the state that its item gets."""

    claim: Claim
    log: RunLog
    state: ItemState


class ResultSaver:
    """Prices ended calls, hands them to *on_end*, saves them and counts them, all of it in a thread.

    `callback_error` is what *on_end* has raised.
    """

    def __init__(
        self,
        queue: WorkQueue,
        calls: CallService,
        kind: ServerKind,
        on_end: OnEnd | None,
        counter: ProgressCounter,
    ) -> None:
        self.callback_error: Exception | None = None
        self._queue = queue
        self._calls = calls
        self._kind = kind
        self._on_end = on_end
        self._counter = counter
        self._commit = GroupCommit(self._save)

    async def save(self, call: EndedCall) -> None:
        """Return when the item of *call* is saved with its run."""
        await self._commit.add(call)

    def flush(self) -> None:
        """Save at once what has ended, because no further call is under way."""
        self._commit.flush()

    def _save(self, calls: Sequence[EndedCall]) -> None:
        ended = [self._ended_item(call) for call in calls]
        added = self._queue.complete(ended)
        items = Counter(each.state.value for each in ended)
        items.update(waiting=added, saving=-len(ended))
        costs = [each.run.cost.amount for each in ended if each.run.cost and each.run.cost.amount]
        tokens = sum(each.run.usage.total_tokens for each in ended if each.run.usage)
        self._counter.add(**items, cost=sum(costs, Decimal(0)), tokens=tokens)

    def _ended_item(self, ended: EndedCall) -> EndedItem:
        """Return the item with its priced run and what follows. If the callback fails, the item does."""
        claim, log = ended.claim, ended.log
        run = log.snapshot()
        if claim.call.is_billed:
            run = replace(run, cost=cost_of_run(run, self._kind, claim.call.estimate_usage))
            log.update(cost=run.cost)
        self._calls.on_end(run)
        try:
            follow_ups = self._on_end(claim.item, run) if self._on_end else None
            return EndedItem(claim.item, run, log.events, ended.state, tuple(follow_ups or ()))
        except Exception as error:  # noqa: BLE001 - ends the runner, and is explained there
            self.callback_error = error
            return EndedItem(claim.item, run, log.events, ItemState.FAILED)
