"""One failure, met by several policies at the same time."""

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import uuid4

from core.client.profile import Profile
from core.errors.explain import explain
from core.errors.types import Explanation, NotOpenAICompatible, PlaygroundError
from core.resilience.failures.policy import POLICIES, Ask, Policy
from core.resilience.failures.scenario import Scenario
from core.resilience.failures.sdk_error import SdkError, describe_error
from core.resilience.recorded_runs import recorded_events, recorded_run
from core.runs import event_loop
from core.runs.run import Event, Run, RunState

if TYPE_CHECKING:
    from core.resilience.attempts import AttemptRecorder, HttpAttempt

PROMPT = "Count to 20."


@dataclass(slots=True, eq=False)
class PolicyRun:
    """How a policy met the failure. Times are seconds after the start of the experiment.

    A run that has *ended* has either a reply or an error, unless it was stopped.
    """

    policy: Policy
    request: dict[str, Any]
    recorder: "AttemptRecorder"
    clock: Callable[[], float]
    ended: float | None = None
    reply: str | None = None
    error: SdkError | None = None
    explanation: Explanation | None = None
    is_saved: bool = False
    _is_ending: threading.Lock = field(default_factory=threading.Lock)

    def claim_end(self) -> bool:
        """Whether the caller is the first to end the run: the policy, or the user who stops it."""
        return self._is_ending.acquire(blocking=False)

    @property
    def attempts(self) -> "list[HttpAttempt]":
        return self.recorder.attempts

    @property
    def seconds(self) -> float:
        """How long the caller has waited so far, or did until the end."""
        return self.clock() if self.ended is None else self.ended


@dataclass(slots=True, eq=False)
class RetryExperiment:
    """Sends one request by each of the *policies*, in threads or as tasks of the event loop.

    *save* receives the run of each policy with its events when it ends, and *on_change* is called after that,
    both in a thread.
    """

    scenario: Scenario
    profile: Profile
    model: str
    is_async: bool = False
    policies: tuple[Policy, ...] = POLICIES
    clock: Callable[[], float] = time.monotonic
    save: Callable[[Run, list[Event]], object] = lambda _run, _events: None
    on_change: Callable[[], object] = lambda: None
    runs: list[PolicyRun] = field(default_factory=list)
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    _tasks: list[Future[None]] = field(default_factory=list)
    _changing: threading.Lock = field(default_factory=threading.Lock)

    @property
    def is_running(self) -> bool:
        return not all(run.is_saved for run in self.runs)

    def start(self) -> None:
        """Start all policies, and return at once. Loads the SDK."""
        from core.resilience.attempts import AttemptRecorder

        calls = [policy.ask(is_async=self.is_async) for policy in self.policies]
        started = self.clock()

        def clock() -> float:
            return self.clock() - started

        self.runs = [
            PolicyRun(policy, self.request(), AttemptRecorder(clock), clock) for policy in self.policies
        ]
        for run, ask in zip(self.runs, calls, strict=True):
            if self.is_async:
                self._tasks.append(event_loop.submit(self._run_async(run, ask)))
            else:
                # Not of a pool: a policy that sleeps must delay neither another nor the end of the process.
                threading.Thread(target=self._run_sync, args=(run, ask), daemon=True).start()

    def stop(self) -> None:
        """End all runs now, and send no further requests. A thread that sleeps ends when it wakes up."""
        for run in self.runs:
            run.recorder.is_stopped = True
            self._end(run)
        for task in self._tasks:
            task.cancel()

    def request(self) -> dict[str, Any]:
        """Return the arguments of the call; each policy has its own count of the requests that fail."""
        fault = self.scenario.fault if self.profile.kind == "sandbox" else ""
        headers = {"x-sandbox-fault": fault, "x-sandbox-scenario": uuid4().hex} if fault else {}
        return {
            "model": self.model,
            "messages": [{"role": "user", "content": PROMPT * self.scenario.prompt_repeats}],
            **self.scenario.params,
            **({"extra_headers": headers} if headers else {}),
        }

    def _run_sync(self, run: PolicyRun, ask: Ask) -> None:
        from core.resilience.attempts import Stopped
        from core.resilience.recorded_clients import recorded_client

        try:
            with recorded_client(self.target(), run.recorder, self.scenario.timeout) as client:
                reply = ask(client, run.request)
        except Stopped:
            self._end(run)
        except Exception as error:  # noqa: BLE001 - what a policy lets through is the result of the experiment
            self._end(run, error=error)
        else:
            self._end(run, reply)

    async def _run_async(self, run: PolicyRun, ask: Ask) -> None:
        from core.resilience.attempts import Stopped
        from core.resilience.recorded_clients import recorded_async_client

        try:
            async with recorded_async_client(self.target(), run.recorder, self.scenario.timeout) as client:
                reply = await ask(client, run.request)
        except Stopped:
            await asyncio.to_thread(self._end, run)
        except Exception as error:  # noqa: BLE001 - what a policy lets through is the result of the experiment
            await asyncio.to_thread(self._end, run, error=error)
        else:
            await asyncio.to_thread(self._end, run, reply)

    def _end(self, run: PolicyRun, reply: str | None = None, error: Exception | None = None) -> None:
        """End *run* with its result, or with none if the user has stopped it, and save it."""
        if not run.claim_end():
            return
        ended = run.clock()
        run.reply = reply
        if error:
            run.error = describe_error(error, self.profile.secrets)
            run.explanation = self._explain(error, run)
        record = self._record(run, ended)
        try:
            self.save(record, recorded_events(record, list(run.attempts)))
            run.ended = ended
            with self._changing:  # so that the last change is the last one to be saved
                self.on_change()
        finally:
            run.ended, run.is_saved = ended, True

    def _record(self, run: PolicyRun, ended: float) -> Run:
        params = run.request
        if self.scenario.prompt_repeats > 1:  # too long to be saved and drawn, and known
            shortened = f"{PROMPT * 3}… ({self.scenario.prompt_repeats:,} times)"
            params = {**params, "messages": [{"role": "user", "content": shortened}]}
        record = recorded_run(list(run.attempts), params, self.target(), self.started_at)
        state = RunState.FAILED if run.error else RunState.STOPPED
        if run.reply is not None:
            state = RunState.CUT_OFF if run.attempts[-1].is_cut else RunState.DONE
        return replace(
            record,
            state=state,
            text=run.reply or "",
            total=ended,
            error=run.explanation,
            note=f"{self.scenario.label}, {run.policy.label}",
        )

    def _explain(self, error: Exception, run: PolicyRun) -> Explanation:
        from core.errors.groups import EXPECTED_ERRORS
        from core.resilience.failures.policies.replies import IncompleteReply

        if isinstance(error, IncompleteReply):
            error = PlaygroundError("The reply is incomplete", "It ended without a finish reason. Try again.")
        elif not isinstance(error, EXPECTED_ERRORS) and run.attempts and run.attempts[-1].succeeded:
            error = NotOpenAICompatible("")  # what the SDK has returned is not a completion
        return explain(error, base_url=self.target().base_url, keys=self.profile.secrets)

    def target(self) -> Profile:
        """Return the profile with the changes of the scenario; another host gets no key."""
        scenario, profile = self.scenario, self.profile
        base_url = scenario.base_url(profile.base_url)
        if urlsplit(base_url).netloc == urlsplit(profile.base_url).netloc:
            profile = profile.model_copy(update={"base_url": base_url})
        else:
            profile = profile.with_base_url(base_url)
        return profile.with_key(scenario.api_key) if scenario.api_key else profile
