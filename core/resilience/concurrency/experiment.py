"""Many prompts, sent in several ways one after the other, and what each way has taken."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from core.calls import CallService
from core.client.client import preload
from core.client.profile import Profile
from core.errors.explain import explain
from core.errors.types import Explanation, NotOpenAICompatible
from core.pricing.usage import Usage
from core.resilience.concurrency.limits import RequestLimit
from core.resilience.concurrency.records import StrategyRecords
from core.resilience.concurrency.report import ConcurrencyReport, StrategyResult
from core.resilience.concurrency.spans import BatchProgress, attempt_spans, in_lanes, log_spans
from core.resilience.concurrency.strategy import Strategy
from core.resilience.recorded_runs import CAPABILITY, save_runs

if TYPE_CHECKING:
    from core.resilience.attempts import AttemptRecorder
    from core.runner.runners import Runners
    from core.runs.log import RunLog

_TIMEOUT = 60.0
_ATTEMPTS_PER_PROMPT = 4
_MAX_BATCH_REQUESTS = 10_000
_MAX_ERROR = 200
_SAVE_INTERVAL = 1.0


@dataclass(slots=True, eq=False)
class StrategyRun:
    """The requests of one strategy, and their results. Times are seconds after its start.

    *results* are completions and errors in the order of the prompts. The runner has *logs* instead of
    results and recorded requests, and only a batch has a *batch*.
    """

    strategy: Strategy
    profile: Profile
    recorder: "AttemptRecorder"
    clock: Callable[[], float]
    ended: float | None = None
    results: list[Any] = field(default_factory=list)
    logs: "list[RunLog]" = field(default_factory=list)
    batch: BatchProgress | None = None
    error: Explanation | None = None

    @property
    def seconds(self) -> float:
        return self.clock() if self.ended is None else self.ended

    def result(self) -> StrategyResult:
        """Return what the strategy has taken so far."""
        now, attempts, logs = self.seconds, list(self.recorder.attempts), list(self.logs)
        if self.batch:
            spans = self.batch.spans(self.ended)
            replies = [now for result in self.results if not isinstance(result, Exception)]
        else:
            spans = in_lanes([*attempt_spans(attempts), *log_spans(logs, self.clock)], now)
            replies = sorted(span.end for span in spans if span.outcome == "reply" and span.end is not None)
        headers: list[Mapping[str, str]] = [attempt.headers for attempt in attempts]
        headers += [log.headers for log in logs]
        logged = [log.snapshot() for log in logs]
        usages = [run.usage for run in logged]
        usages += [Usage.of(getattr(result, "usage", None)) for result in self.results]
        errors = [run.error.title for run in logged if run.error]
        errors += [_error_text(result) for result in self.results if isinstance(result, Exception)]
        return StrategyResult(
            self.strategy.id,
            self.profile.kind,
            now,
            self.ended is not None,
            tuple(spans),
            tuple(replies),
            sum(filter(None, usages), Usage()),
            Counter(errors),
            next(filter(None, map(RequestLimit.of, reversed(headers))), None),
            was_limited=any(attempt.status == 429 for attempt in attempts),
            error=self.error,
            batch_completed=self.batch.completed if self.batch else None,
        )


@dataclass(slots=True, eq=False)
class ConcurrencyExperiment:
    """Sends *prompts* by each of the *strategies*, one strategy after the other.

    *profile_of* returns the server of a strategy, so that each can have a rate limit of its own, which is
    *requests_per_minute* in the sandbox. *at_once* is the limit of the strategies that have one. *on_change*
    receives the report after each strategy, in a thread.
    """

    prompts: list[str]
    model: str
    at_once: int
    strategies: tuple[Strategy, ...]
    profile_of: Callable[[], Profile]
    calls: CallService
    runners: "Runners"
    requests_per_minute: int | None = None
    on_change: Callable[[ConcurrencyReport], object] = lambda _report: None
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    runs: list[StrategyRun] = field(default_factory=list)
    is_running: bool = True
    is_stopped: bool = False

    def requests(self) -> list[dict[str, Any]]:
        """Return the arguments of each call."""
        return [
            {"model": self.model, "messages": [{"role": "user", "content": prompt}]}
            for prompt in self.prompts
        ]

    def report(self) -> ConcurrencyReport:
        """Return what all strategies have taken so far."""
        return ConcurrencyReport(
            self.model,
            len(self.prompts),
            self.at_once,
            tuple(strategy.id for strategy in self.strategies),
            self.requests_per_minute,
            self.started_at,
            self.is_running,
            self.is_stopped,
            tuple(run.result() for run in list(self.runs)),
        )

    async def run(self) -> None:
        """Run all strategies. Cancellation stops their requests."""
        await asyncio.to_thread(preload)
        try:
            for strategy in self.strategies:
                profile = await asyncio.to_thread(self.profile_of)
                await self._run_strategy(strategy, profile)
        except asyncio.CancelledError:
            self.is_stopped = True
            raise
        finally:
            try:
                await asyncio.to_thread(self.on_change, replace(self.report(), is_running=False))
            finally:
                self.is_running = False  # only now, because a page that is opened after this may read it

    async def _run_strategy(self, strategy: Strategy, profile: Profile) -> None:
        from core.resilience.attempts import AttemptRecorder

        started, started_at = time.monotonic(), datetime.now(UTC)

        def clock() -> float:
            return time.monotonic() - started

        # A batch is requested again and again, for up to 24 hours, until it has ended.
        limit = _MAX_BATCH_REQUESTS if strategy.is_batch else _ATTEMPTS_PER_PROMPT * len(self.prompts)
        batch = BatchProgress(clock) if strategy.is_batch else None
        run = StrategyRun(strategy, profile, AttemptRecorder(clock, limit), clock, batch=batch)
        self.runs.append(run)
        records = StrategyRecords(run, self.requests(), started_at, partial(save_runs, self.calls))
        saving = asyncio.create_task(_save_replies(records))
        try:
            with self._outcome(run):
                if strategy.is_runner:
                    await self._run_runner(run)
                elif strategy.is_async:
                    await self._run_async(run)
                else:
                    await asyncio.to_thread(self._run_threads, run)
        finally:
            saving.cancel()
            await asyncio.to_thread(records.save_all)
            await asyncio.to_thread(self.on_change, self.report())

    @contextmanager
    def _outcome(self, run: StrategyRun) -> Iterator[None]:
        from core.errors.groups import EXPECTED_ERRORS

        try:
            yield
        except EXPECTED_ERRORS as error:
            run.error = explain(error, base_url=run.profile.base_url, keys=run.profile.secrets)
        except (AttributeError, LookupError, TypeError, ValueError):
            # The code that is shown reads what a server sends as if it were what the API sends.
            run.error = explain(NotOpenAICompatible(""), base_url=run.profile.base_url)
        finally:
            run.recorder.is_stopped = True  # a thread continues after a cancellation
            run.ended = run.clock()

    async def _run_async(self, run: StrategyRun) -> None:
        from core.resilience.recorded_clients import recorded_async_client

        async with recorded_async_client(run.profile, run.recorder, _TIMEOUT) as client:
            run.results = await run.strategy.load().ask_all(client, self.requests(), *self._options(run))

    def _run_threads(self, run: StrategyRun) -> None:
        from core.resilience.attempts import Stopped
        from core.resilience.recorded_clients import recorded_client

        with suppress(Stopped), recorded_client(run.profile, run.recorder, _TIMEOUT) as client:
            run.results = run.strategy.load().ask_all(client, self.requests(), *self._options(run))

    def _options(self, run: StrategyRun) -> tuple[Any, ...]:
        if run.batch:
            return (run.batch.record,)
        return (self.at_once,) if run.strategy.has_limit else ()

    async def _run_runner(self, run: StrategyRun) -> None:
        from core.completions.call import ChatCompletionCall
        from core.runner.options import RunnerOptions
        from core.runner.repository import JobRepository
        from core.runner.work import WorkItem, WorkJob, WorkRequest

        requests, profile = self.requests(), run.profile
        title = f"{len(requests)} prompts"
        job = WorkJob(CAPABILITY, profile.id, profile.base_url, self.model, title)
        items = [WorkItem(str(number), {}) for number in range(len(requests))]
        store = await asyncio.to_thread(self.calls.open_store)
        await asyncio.to_thread(JobRepository(store, self.calls.owner).create, job, items)

        def prepare(item: WorkItem) -> WorkRequest:
            return WorkRequest(requests[int(item.key)], ChatCompletionCall())

        options = RunnerOptions(on_start=run.logs.append)
        runner = await self.runners.start(job, self.calls, profile, prepare, options=options)
        try:
            await runner.wait()
        finally:
            await asyncio.to_thread(JobRepository(store, self.calls.owner).queue(job.id).cancel_waiting)
        run.error = runner.error


async def _save_replies(records: StrategyRecords) -> None:
    while True:
        await asyncio.sleep(_SAVE_INTERVAL)
        await asyncio.to_thread(records.save_replies)


def _error_text(error: Exception) -> str:
    """Return the class of an error of a live request, and the message of one in a batch."""
    from openai import APIError

    return type(error).__name__ if isinstance(error, APIError) else str(error)[:_MAX_ERROR]
