"""Runs the items of a job: as many at once as the server allows, saved as they end."""

import asyncio
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from core.calls import CallService, new_run
from core.client.client import bulk_client
from core.client.retry import RetryPolicy
from core.errors.explain import explain
from core.errors.types import Explanation
from core.runner.fatal_errors import is_fatal_error
from core.runner.limited_call import LimitedCall
from core.runner.limiter import AdaptiveLimiter
from core.runner.options import DEFAULT_OPTIONS, OnEnd, Prepare, RunnerOptions, default_concurrency
from core.runner.progress import ProgressCounter
from core.runner.results import EndedCall, ResultSaver
from core.runner.work import Claim, ItemState, RunnerState, WorkItem, WorkJob, WorkProgress, WorkQueue
from core.runs.jobs import Job
from core.runs.log import RunLog
from core.runs.run import Run, RunState

if TYPE_CHECKING:
    from openai import AsyncOpenAI

    from core.client.profile import Profile

# With the delay before each retry, this is about a minute.
MAX_OVERLOAD_RETRIES = 8
MAX_CONSECUTIVE_FAILURES = 10
_RENEWAL_INTERVAL = 5.0
_RECOVERY_INTERVAL = 1.0
# Ended calls that wait to be saved, for each call that may run. With 3 there was no call for 0.3 s of 1.3 s,
# because a save beside many calls takes as long as a hundred of them.
_MAX_UNSAVED = 12
# Claiming items takes about as long beside many calls, which keep the interpreter busy.
_CLAIM_SECONDS = 0.1


class Runner:
    """Requests the waiting items of *queue*. `progress`, `state` and `error` may be read from any thread.

    *prepare* returns the request of an item. *on_end* receives each item with its ended run, before both are
    saved, and may return items to add to the job. After a crash it may receive an item again. Both run in a
    thread, one call at a time.
    """

    def __init__(  # noqa: PLR0913 - what a runner connects
        self,
        job: WorkJob,
        queue: WorkQueue,
        calls: CallService,
        profile: "Profile",
        limiter: AdaptiveLimiter,
        prepare: Prepare,
        on_end: OnEnd | None = None,
        options: RunnerOptions = DEFAULT_OPTIONS,
    ) -> None:
        self.job = job
        self.owner = calls.owner
        self.budget = job.budget
        self.state = RunnerState.RUNNING
        self.error: Explanation | None = None
        self.ended, self.is_interrupted = asyncio.Event(), False
        self.profile, self.limiter = profile, limiter
        self._queue, self._calls = queue, calls
        self._prepare, self._on_end, self._options = prepare, on_end, options
        self._max_concurrency = options.max_concurrency or default_concurrency(profile.kind)
        self._counter = ProgressCounter()
        self._under_way: dict[str, tuple[Claim, Job]] = {}
        self._calling = self._consecutive_failures = 0
        self._claimed: deque[Claim] = deque()
        self._claiming: asyncio.Task[None] | None = None
        self._is_exhausted, self._additions = False, 0
        self._slots: asyncio.Future[int] | None = None
        self._changed = asyncio.Event()
        self._results = ResultSaver(queue, calls, profile.kind, on_end, self._counter)
        self._task: asyncio.Task[None] | None = None

    @property
    def progress(self) -> WorkProgress:
        return self._counter.snapshot()

    @property
    def is_running(self) -> bool:
        """Whether calls are under way or not yet saved, which may still be when `state` says how it ends."""
        return not self.ended.is_set()

    @property
    def logs(self) -> list[RunLog]:
        """The logs of the calls that are under way."""
        return [job.log for _, job in list(self._under_way.values())]

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name=f"runner-{self.job.id}")

    async def wait(self) -> RunnerState:
        """Return the state at the end. Cancellation stops the calls, and saves what arrived."""
        try:
            await self.ended.wait()
        except asyncio.CancelledError:
            self.stop()
            await self.ended.wait()
            raise
        return self.state

    def stop(self, state: RunState = RunState.STOPPED) -> None:
        """Stop the calls. What has arrived is saved with their runs, and their items are waiting again."""
        self.is_interrupted |= self.state is RunnerState.RUNNING and state is RunState.INTERRUPTED
        self._end(RunnerState.STOPPED)
        for _, job in self._under_way.values():
            job.stop(state)

    async def enqueue(self, items: Iterable[WorkItem]) -> None:
        """Add items to the job."""
        added = await asyncio.to_thread(self._queue.enqueue, items)
        self._counter.add(waiting=added)
        self._items_added()

    def _items_added(self) -> None:
        self._is_exhausted = False
        self._additions += 1
        self._changed.set()

    def _end(self, state: RunnerState, error: Explanation | None = None) -> None:
        """Start no more calls; the first reason counts."""
        if self.state is RunnerState.RUNNING:
            self.state, self.error = state, error
        if self._slots:
            self.limiter.withdraw(self._slots)
        self._changed.set()

    async def _run(self) -> None:
        renewal = asyncio.create_task(self._renew_leases())
        try:
            async with bulk_client(self.profile, in_background=self._options.in_background) as client:
                await self._request_items(client)
        except Exception as error:  # noqa: BLE001 - nobody awaits this task; `explain` logs bugs
            self._end(RunnerState.FAILED, explain(error, base_url=self.profile.base_url))
        finally:
            await asyncio.to_thread(self._queue.give_back, self._claimed)
            renewal.cancel()
            self._end(RunnerState.DONE)
            self.ended.set()

    async def _request_items(self, client: "AsyncOpenAI") -> None:
        """Return when all calls have ended and are saved, even if starting them fails."""
        try:
            await self._synchronise()
            await self._start_calls(client)
        finally:
            while self._under_way or self._is_claiming:
                await self._wait_for_change()

    async def _synchronise(self) -> WorkProgress:
        """Recover the items of dead processes, and count those of all, while this one has none."""
        await asyncio.to_thread(self._queue.recover)
        progress = await asyncio.to_thread(self._queue.progress)
        self._counter.reset(progress)
        return progress

    async def _start_calls(self, client: "AsyncOpenAI") -> None:
        """Start calls until no item is left, or the runner ends."""
        while self.state is RunnerState.RUNNING:
            startable = self._startable_calls()
            self._claim_ahead(startable)
            if calls := min(startable, len(self._claimed)):
                self._slots = self.limiter.request(calls, self._options.priority)
                for _ in range(await self._slots):
                    self._start_call(client, self._claimed.popleft())
            elif self._under_way or self._is_claiming:
                await self._wait_for_change()
            elif self._is_exhausted and not self._claimed:
                progress = await self._synchronise()
                self._is_exhausted = not progress.waiting
                if progress.is_complete:
                    return
                if self._is_exhausted:  # another process has the others, and may die
                    await self._wait_for_change(_RECOVERY_INTERVAL)
            else:  # no call can be started, and none ends that would change this
                self._end(RunnerState.OVER_BUDGET if self.progress.waiting else RunnerState.DONE)

    def _startable_calls(self) -> int:
        unsaved = len(self._under_way) - self._calling
        if unsaved >= _MAX_UNSAVED * self._max_concurrency:
            return 0
        calls = self._max_concurrency - self._calling
        affordable = self.budget.affordable_calls(self.progress, len(self._under_way))
        return max(0, calls if affordable is None else min(calls, affordable))

    def _claim_ahead(self, startable: int) -> None:
        """Claim items for the free slots, and for those that will be free by the time that a claim takes."""
        if not startable or self._is_claiming or self._is_exhausted:
            return
        needed = min(startable, self.limiter.free) + self._counter.ended_within(_CLAIM_SECONDS)
        if len(self._claimed) < max(1, needed):
            self._claiming = asyncio.create_task(self._claim(max(1, 3 * needed) - len(self._claimed)))

    @property
    def _is_claiming(self) -> bool:
        return self._claiming is not None and not self._claiming.done()

    async def _claim(self, items: int) -> None:
        additions = self._additions
        try:
            claims = await asyncio.to_thread(self._queue.claim, items, self._make_claim)
        except Exception as error:  # noqa: BLE001 - of `prepare`, too; `explain` logs bugs
            self._end(RunnerState.FAILED, explain(error))
        else:
            self._claimed.extend(claims)
            self._is_exhausted = len(claims) < items and additions == self._additions
        self._claiming = None
        self._changed.set()

    def _make_claim(self, item: WorkItem) -> Claim:
        request = self._prepare(item)
        run = new_run(self.job.capability, request.call.endpoint, request.params, self.profile, self.job.id)
        return Claim(item, run, request.call)

    def _start_call(self, client: "AsyncOpenAI", claim: Claim) -> None:
        call = LimitedCall(claim.call, self.limiter)
        retries = self.profile.max_retries if claim.call.is_retried else 0
        policy = RetryPolicy(retries, max_overload_retries=MAX_OVERLOAD_RETRIES)

        async def save(log: RunLog) -> None:
            # A call that is stopped just as it ends is saved all the same.
            await asyncio.shield(self._end_item(claim, call, log))

        run = replace(claim.run, started_at=datetime.now(UTC))
        job = self._calls.start_saved(client, run, call, policy, save)
        if self._options.in_background:
            job.readers += 1  # this runner: without a reader, the call ends with its tab
        self._under_way[claim.run.id] = (claim, job)
        self._calling += 1
        self._counter.add(waiting=-1, running=1)
        if self._options.on_start:
            self._options.on_start(job.log)

    async def _end_item(self, claim: Claim, call: LimitedCall, log: RunLog) -> None:
        """Save an item whose call has ended, and decide from its result whether to continue."""
        call.release_slot()
        self._calling -= 1
        if not self._calling:
            self._results.flush()
        self._changed.set()
        run, job = log.snapshot(), self._under_way[claim.run.id][1]
        if run.usage:
            self.limiter.record_tokens(run.usage.total_tokens)
        self._counter.item_ended()
        state = self._item_state(run, was_stopped=job.is_stopping)
        try:
            await self._results.save(EndedCall(claim, log, state))
        except Exception as error:  # noqa: BLE001 - nobody awaits this task; `explain` logs bugs
            self._end(RunnerState.FAILED, explain(error))
        del self._under_way[run.id]
        if self._results.callback_error:
            self._end(RunnerState.FAILED, explain(self._results.callback_error))
        if self._on_end:  # it may have added items
            self._items_added()
        self._changed.set()

    def _item_state(self, run: Run, *, was_stopped: bool) -> ItemState:
        """Return how the item of *run* ends, and end this runner if further requests make no sense."""
        if was_stopped:
            # By `stop`, or from outside: calls of a closed tab are interrupted one by one.
            self.stop(RunState.INTERRUPTED)
            # One that ended just before has its result, and is not requested and paid again.
            if run.state is not RunState.DONE:
                return ItemState.WAITING
        if run.state is RunState.DONE:
            self._consecutive_failures = 0
            return ItemState.DONE
        self._consecutive_failures += 1
        is_fatal = run.error is not None and is_fatal_error(run.error)
        if (
            is_fatal
            or self._options.stop_on_failure
            or self._consecutive_failures >= MAX_CONSECUTIVE_FAILURES
        ):
            self._end(RunnerState.FAILED, run.error)
        return ItemState.WAITING if is_fatal else ItemState.FAILED

    async def _wait_for_change(self, seconds: float | None = None) -> None:
        self._changed.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._changed.wait(), seconds)

    async def _renew_leases(self) -> None:
        stops = await asyncio.to_thread(self._queue.stops)
        while True:
            await asyncio.sleep(_RENEWAL_INTERVAL)
            if claims := [*self._claimed, *(claim for claim, _ in self._under_way.values())]:
                await asyncio.to_thread(self._queue.renew, claims)
            self._counter.include_others(await asyncio.to_thread(self._queue.progress))
            if await asyncio.to_thread(self._queue.stops) > stops:  # by another process
                self.stop()
