"""Many prompts, sent in several ways one after the other, and what each way has taken."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from core.calls import CallService
from core.client.client import preload
from core.client.profile import Profile
from core.errors.explain import explain
from core.errors.types import Explanation, NotOpenAICompatible
from core.pricing.prices import BillingTerms, Cost, cost_of
from core.pricing.usage import Usage
from core.resilience.concurrency.limits import RequestLimit
from core.resilience.concurrency.spans import BatchProgress, Span, attempt_spans, in_lanes, log_spans
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

    @property
    def spans(self) -> list[Span]:
        """The requests so far, each in a lane, or the states of a batch."""
        if self.batch:
            return self.batch.spans(self.ended)
        spans = [*attempt_spans(list(self.recorder.attempts)), *log_spans(list(self.logs), self.clock)]
        return in_lanes(spans, self.seconds)

    @property
    def reply_times(self) -> list[float]:
        """When each of the replies was complete, in ascending order."""
        if self.batch:
            replies = sum(not isinstance(result, Exception) for result in self.results)
            return [self.seconds] * replies
        return sorted(span.end for span in self.spans if span.outcome == "reply" and span.end is not None)

    @property
    def failures(self) -> int:
        """The number of requests that failed, whether or not a retry succeeded."""
        return sum(span.outcome == "failed" for span in self.spans)

    @property
    def limit(self) -> RequestLimit | None:
        """The limit of requests that the latest response reported."""
        headers: list[Mapping[str, str]] = [attempt.headers for attempt in list(self.recorder.attempts)]
        headers += [log.headers for log in list(self.logs)]
        return next(filter(None, map(RequestLimit.of, reversed(headers))), None)

    @property
    def was_limited(self) -> bool:
        """Whether a rate limit has refused a recorded request."""
        return any(attempt.status == 429 for attempt in list(self.recorder.attempts))

    @property
    def most_at_once(self) -> int | None:
        """The largest number of requests under way; None for a batch, whose requests the server sends."""
        return None if self.batch else max((span.lane + 1 for span in self.spans), default=0)

    @property
    def errors(self) -> Counter[str]:
        """The errors of the prompts that have no reply, and how often each occurred."""
        ended = [log.snapshot().error for log in list(self.logs)]
        titles = [error.title for error in ended if error]
        return Counter(
            [*titles, *(_error_text(each) for each in self.results if isinstance(each, Exception))]
        )

    @property
    def usage(self) -> Usage:
        """The tokens of all replies."""
        runs = [log.snapshot().usage for log in list(self.logs)]
        usages = [*runs, *(Usage.of(getattr(result, "usage", None)) for result in self.results)]
        return sum((usage for usage in usages if usage), Usage())

    @property
    def throughput(self) -> float:
        """Replies per second until the last one."""
        times = self.reply_times
        return len(times) / times[-1] if times else 0.0


@dataclass(slots=True, eq=False)
class ConcurrencyExperiment:
    """Sends *prompts* by each of the *strategies*, one strategy after the other.

    *profile_of* returns the server of a strategy, so that each can have rate limits of its own. *at_once* is
    the limit of the strategies that have one.
    """

    prompts: list[str]
    model: str
    at_once: int
    strategies: tuple[Strategy, ...]
    profile_of: Callable[[], Profile]
    calls: CallService
    runners: "Runners"
    runs: list[StrategyRun] = field(default_factory=list)
    is_running: bool = True
    is_stopped: bool = False

    def requests(self) -> list[dict[str, Any]]:
        """Return the arguments of each call."""
        return [
            {"model": self.model, "messages": [{"role": "user", "content": prompt}]}
            for prompt in self.prompts
        ]

    def cost(self, run: StrategyRun) -> Cost:
        """Price the replies of *run*."""
        terms = BillingTerms(run.profile.kind, batch=run.strategy.is_batch)
        return cost_of(run.usage, self.model, datetime.now(UTC), terms)

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
            self.is_running = False

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
        try:
            with self._outcome(run):
                await self._send(run)
        finally:
            await asyncio.to_thread(self._save, run, started_at)

    async def _send(self, run: StrategyRun) -> None:
        if run.strategy.is_runner:
            await self._run_runner(run)
        elif run.strategy.is_async:
            await self._run_async(run)
        else:
            await asyncio.to_thread(self._run_threads, run)

    def _save(self, run: StrategyRun, started_at: datetime) -> None:
        from core.resilience.concurrency.records import strategy_records

        save_runs(self.calls, strategy_records(run, self.requests(), started_at))

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


def _error_text(error: Exception) -> str:
    """Return the class of an error of a live request, and the message of one in a batch."""
    from openai import APIError

    return type(error).__name__ if isinstance(error, APIError) else str(error)[:_MAX_ERROR]
